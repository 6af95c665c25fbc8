import { defaultTemplates } from '../../../src/domain/agents/default-templates.ts';
import { templateVariables } from '../../../src/domain/agents/template-variables.ts';
import { row, table } from './markdown-table.ts';

/** docs/templates.md: how templates work, their variables, and the defaults. */
export function templatesPage(): string {
  const variables = Object.entries(templateVariables).map(([name, { description }]) =>
    row(`\`\${${name}}\``, description),
  );
  const defaults = Object.entries(defaultTemplates).flatMap(([role, content]) => [
    `## The default of a ${role}`,
    `\`\`\`\`markdown\n${content}\`\`\`\``,
  ]);
  return `${[intro, '## Variables', table(['variable', 'what it stands for'], variables), ...defaults].join('\n\n')}\n`;
}

const intro = `# Templates

What agents are told at their start. Rendered from \`src/domain/agents/template-variables.ts\` and
\`src/domain/agents/default-templates.ts\` by \`npm run docs\`; do not edit it here.

Of each role, worker and orchestrator, exactly one template is active. \`GET /api/sessions/:id/prompt\` fills it in for a
session. Everyone may read templates, admins change them: \`POST /api/templates\` makes one, \`PUT /api/templates/:id\` with
\`{"active":true}\` puts it in the place of the active one, \`POST /api/templates/:id/reset\` gives it the content below. The
default of a role cannot be deleted, and takes the place of an active one that is.

What looks like a variable and is not in the table stays as it is, as does what a value holds.`;
