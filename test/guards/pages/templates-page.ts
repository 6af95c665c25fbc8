import { defaultTemplates } from '../../../src/domain/agents/default-templates.ts';
import { templateVariables } from '../../../src/domain/agents/template-variables.ts';
import { row, table } from './markdown-table.ts';

/** docs/templates.md: how templates work, their variables, and the defaults. */
export function templatesPage(): string {
  const variables = Object.entries(templateVariables).map(([name, { description }]) =>
    row(`\`\${${name}}\``, description),
  );
  const defaults = Object.entries(defaultTemplates).flatMap(([role, content]) => [
    `## The default template of ${role}s`,
    `\`\`\`\`markdown\n${content}\`\`\`\``,
  ]);
  return `${[intro, '## Variables', table(['variable', 'value'], variables), ...defaults].join('\n\n')}\n`;
}

const intro = `# Templates

The instructions that agents get at their start. Rendered from \`src/domain/agents/template-variables.ts\` and
\`src/domain/agents/default-templates.ts\` by \`npm run docs\`; do not edit it here.

Each role, worker and orchestrator, has exactly one active template. \`GET /api/sessions/:id/prompt\` fills it in for a
session. Everyone may read templates; admins may change them: \`POST /api/templates\` creates one, \`PUT /api/templates/:id\`
with \`{"active":true}\` makes it the active one of its role, and \`POST /api/templates/:id/reset\` resets its content to the
default below. The default template of a role cannot be deleted; it becomes active when the active one is deleted.

Unknown variables stay as they are, and so do those inside a value.`;
