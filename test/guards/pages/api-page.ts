import { errorCodes } from '../../../src/domain/errors.ts';
import type {
  OpenApiDocument,
  OpenApiOperation,
  OpenApiResponse,
} from '../../../src/http/reference/openapi-document.ts';
import { describeType, describeValue, fieldRows, type Schema, toSchema } from './describe-schema.ts';
import { row, table } from './markdown-table.ts';

const link = (name: string): string => `[${name}](#${name.toLowerCase()})`;

interface NamedOperation {
  readonly name: string;
  readonly operation: OpenApiOperation;
}

/** docs/api.md: every endpoint with its permission, what it takes and what it answers, then every shape. */
export function apiPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      operation,
    })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? ''))];
  const shapes = Object.entries(document.components.schemas);
  return `${[
    intro,
    ...tags.flatMap((tag) => [
      `## ${tag.charAt(0).toUpperCase()}${tag.slice(1)}`,
      ...operations.filter(({ operation }) => operation.tags[0] === tag).flatMap(section),
    ]),
    '## Shapes',
    'What the tables above link to. A field that is not called optional is always there.',
    ...shapes.flatMap(([name, schema]) => shapeSection(name, toSchema(schema))),
  ].join('\n\n')}\n`;
}

function section({ name, operation }: NamedOperation): string[] {
  const permission = operation['x-permission'];
  const answers = Object.entries(operation.responses);
  const good = answers.filter(([status]) => Number(status) < 400);
  const bad = answers.filter(([status]) => Number(status) >= 400);
  return [
    `### \`${name}\``,
    operation.summary,
    permission === 'public' ? 'Needs no credential.' : `Needs [\`${permission}\`](access.md).`,
    ...(operation.description === undefined ? [] : [operation.description]),
    ...parameterSection(operation),
    ...bodySection(operation),
    table(['answer', 'when', 'what it holds'], good.map(answerRow)),
    `Errors: ${bad.map(([status, answer]) => `${status} ${codesIn(answer.description)}`).join(', ')}.`,
  ];
}

function parameterSection({ parameters }: OpenApiOperation): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(({ name, in: place, required, schema, description }) =>
    row(
      `\`${name}\`${required ? '' : ' (optional)'}`,
      place,
      describeValue(toSchema(schema), link),
      description ?? '',
    ),
  );
  return [table(['parameter', 'where', 'what it is', 'to know'], rows)];
}

function bodySection({ requestBody }: OpenApiOperation): string[] {
  const written = Object.values(requestBody?.content ?? {})[0]?.schema;
  if (written === undefined) return [];
  const schema = toSchema(written);
  const rows = fieldRows(schema, link);
  if (rows.length === 0) return [`Body: ${describeType(schema, link)}.`];
  return [table(['field of the body', 'what it is', 'to know'], rows)];
}

function answerRow([status, { description, content, headers }]: [string, OpenApiResponse]): string {
  const [type, media] = Object.entries(content ?? {})[0] ?? [];
  const json = type === undefined || type.startsWith('application/json');
  const holds = media === undefined ? '' : json ? describeType(toSchema(media.schema), link) : `\`${type}\``;
  const beside = Object.keys(headers ?? {}).map((header) => `\`${header}\``);
  const withHeaders = beside.length === 0 ? [] : [`with ${beside.join(', ')}`];
  return row(status, description, [holds, ...withHeaders].filter((part) => part !== '').join('; '));
}

function codesIn(description: string): string {
  const codes = errorCodes.filter((code) => description.includes(`${code}:`));
  return codes.map((code) => `\`${code}\``).join(' or ');
}

function shapeSection(name: string, schema: Schema): string[] {
  const rows = fieldRows(schema, link);
  return [
    `### ${name}`,
    ...(schema.description === undefined ? [] : [schema.description]),
    rows.length > 0 ? table(['field', 'what it is', 'to know'], rows) : `${describeType(schema, link)}.`,
  ];
}

const intro = `# API

Every endpoint of this server. Rendered from the catalogue in \`src/api/endpoints/catalogue.ts\` by \`npm run docs\`; do not
edit it here. The same as OpenAPI 3.1 is at \`/openapi.json\` of a running server.

- **Credential.** \`Authorization: Bearer <token>\`. [access.md](access.md) says which role may do what.
- **Bodies** are JSON in UTF-8. A key that is not declared is refused and named, and so is an unknown query parameter.
- **Errors** have one shape and a code; [errors.md](errors.md) lists them all. Every answer carries \`X-Request-Id\`.
- **Times** are epoch milliseconds, **ids** 1 to 128 letters, digits, \`_\` or \`-\`.
- **Versions.** An entity's \`ETag\` is its version; \`If-Match\` on a change refuses it with 412 when somebody else was
  faster, and \`If-None-Match\` on a read answers 304 when nothing changed. A change that compares no version refuses
  both with 400 rather than ignore them.
- **Retries.** A change with an \`Idempotency-Key\` happens once, however often it is sent.
- **Lists** are arrays. \`X-Has-More\` and \`X-Next-Cursor\` say whether and where they go on, or \`envelope=true\` puts both
  into the body.`;
