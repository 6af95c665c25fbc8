import type { Endpoint } from '../../../src/api/endpoint.ts';
import { effectiveRoles, type Permission, permissions } from '../../../src/domain/access/access.ts';
import { row, table } from './markdown-table.ts';

const names = Object.keys(permissions) as Permission[];

/** docs/access.md: which role has which permission, and which endpoints need it. */
export function accessPage(endpoints: readonly Endpoint[]): string {
  const rights = names.map((name) => {
    const has: readonly string[] = permissions[name];
    return row(`\`${name}\``, ...effectiveRoles.map((role) => (has.includes(role) ? 'yes' : '–')));
  });
  const needs = ([...names, 'public'] as const).map((name) => {
    const needing = endpoints.filter((endpoint) => endpoint.permission === name);
    return row(`\`${name}\``, needing.map(({ method, path }) => `\`${method} ${path}\``).join('<br>') || '–');
  });
  return `${[
    intro,
    table(['permission', ...effectiveRoles], rights),
    '## Endpoints by permission',
    '`public` is not a permission: these endpoints return no stored data and need no credential.',
    table(['permission', 'endpoints'], needs),
  ].join('\n\n')}\n`;
}

const intro = `# Access

Which role may do what. Rendered from the catalogue in \`src/domain/access/access.ts\` by \`npm run docs\`; do not edit it here.

A credential has a role and a list of projects. Anything in other projects is answered with 404, as if it did not exist;
an action that the role does not have is answered with 403. An agent that is bound to a session may change only that
session, its queue, and its progress with its tasks. An orchestrator, whose session was spawned with that role, leads its
tasks: it creates and changes tasks below them, links those to sessions that it spawned, and spawns sessions for them.`;
