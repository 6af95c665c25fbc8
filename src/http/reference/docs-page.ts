import { docsStyle } from './docs-style.ts';
import { Html, html, prose } from './html.ts';
import type { OpenApiDocument, OpenApiOperation, OpenApiResponse } from './openapi-document.ts';
import { fieldRow, schemaSummary, schemaTable } from './schema-html.ts';

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** The reference as one HTML page that loads nothing else. */
export function docsPage(document: OpenApiDocument): string {
  const { info, components } = document;
  const base = document.servers[0]?.url.replace(/\/$/, '') ?? '';
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
  const tags = [...new Set(entries.map(({ operation }) => operation.tags[0] ?? ''))];
  const tagged = (tag: string) => entries.filter(({ operation }) => operation.tags[0] === tag);
  const shapes = Object.entries(components.schemas);
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}</title>
<style>${new Html(docsStyle)}</style>
<nav>
${tags.map((tag) => html`<strong>${tag}</strong><ul>${tagged(tag).map(link)}</ul>`)}
<strong>shapes</strong><ul>${shapes.map(([name]) => html`<li><a href="#${name}">${name}</a></li>`)}</ul>
</nav>
<main>
<h1>${info.title} <small>${info.version}</small></h1>
<p>${prose(info.description)}</p>
<p>For programs: <a href="${base}/openapi.json">${base}/openapi.json</a>. For agents: <a href="${base}/llms.txt">${base}/llms.txt</a>.</p>
${tags.map((tag) => html`<h2>${tag}</h2>${tagged(tag).map(section)}`)}
<h2>Shapes</h2>
${shapes.map(([name, schema]) => html`<article id="${name}"><h3>${name}</h3><p>${prose(schema.description)}</p>${schemaTable(schema)}</article>`)}
</main>
</html>
`;
  return page.markup;
}

function link({ method, path, operation }: Entry): Html {
  return html`<li><a href="#${operation.operationId}"><b class="${method}">${method}</b> ${path}</a></li>`;
}

function section({ method, path, operation }: Entry): Html {
  const { summary, description, parameters, requestBody, responses } = operation;
  const permission = operation['x-permission'];
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  return html`<article id="${operation.operationId}">
<h3><b class="${method}">${method}</b> <code>${path}</code></h3>
<p>${prose(summary)}</p>
${description !== undefined && html`<p>${prose(description)}</p>`}
<p><small>${permission === 'public' ? 'Open to all' : html`Needs <code>${permission}</code>`}</small></p>
${parameters.length > 0 && html`<h4>Parameters</h4><table>${parameters.map((one) => fieldRow(one.name, one.required, one.schema, one.description))}</table>`}
${body !== undefined && html`<h4>Body</h4>${schemaTable(body)}`}
<h4>Answers</h4><table>${Object.entries(responses).map(answerRow)}</table>
</article>`;
}

function answerRow([status, { description, content, headers }]: [string, OpenApiResponse]): Html {
  const schema = Object.values(content ?? {})[0]?.schema;
  const names = Object.keys(headers ?? {});
  const what = Number(status) < 400 && schema !== undefined ? schemaSummary(schema) : prose(description);
  return html`<tr><td>${status}</td><td>${what}${names.length > 0 && html`<br><small>${names.join(', ')}</small>`}</td></tr>`;
}
