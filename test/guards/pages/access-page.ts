import type { Endpoint } from '../../../src/api/endpoint.ts';
import { type Permission, permissions, roleSchema } from '../../../src/domain/access/access.ts';
import { row, table } from './markdown-table.ts';

const roleColumns = [...roleSchema.options, 'bound agent'] as const;
const names = Object.keys(permissions) as Permission[];

/** docs/access.md: which role has which permission, and which endpoints need it. */
export function accessPage(endpoints: readonly Endpoint[]): string {
  const rights = names.map((name) => {
    const has: readonly string[] = permissions[name];
    return row(`\`${name}\``, ...roleColumns.map((grade) => (has.includes(grade) ? 'yes' : '–')));
  });
  const needs = ([...names, 'public'] as const).map((name) => {
    const needing = endpoints.filter((endpoint) => endpoint.permission === name);
    return row(`\`${name}\``, needing.map(({ method, path }) => `\`${method} ${path}\``).join('<br>') || '–');
  });
  return `${[
    intro,
    table(['permission', ...roleColumns], rights),
    '## What needs which permission',
    '`public` is no permission: these endpoints hold no data and need no credential.',
    table(['permission', 'endpoints'], needs),
  ].join('\n\n')}\n`;
}

const intro = `# Access

Which role may do what. Rendered from the catalogue in \`src/domain/access/access.ts\` by \`npm run docs\`; do not edit it here.

A credential names a role and the projects it reaches. What lies in no project of it does not exist for it: 404. What it
may see but not do is 403. An agent bound to a session changes that session and its queue only, and the reports of its
tasks.`;
