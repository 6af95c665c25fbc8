import { type Permission, permissions, roleSchema } from '../../src/domain/access.ts';
import { row, table } from './schema-words.ts';

const grades = [...roleSchema.options, 'bound agent'] as const;

/** docs/access.md: which role has which permission, and what a permission is needed for. */
export function accessPage(needs: Readonly<Partial<Record<Permission, readonly string[]>>>): string {
  const rows = (Object.keys(permissions) as Permission[]).map((permission) => {
    const has: readonly string[] = permissions[permission];
    return row(`\`${permission}\``, ...grades.map((grade) => (has.includes(grade) ? 'yes' : '–')));
  });
  const uses = (Object.keys(permissions) as Permission[]).map((permission) =>
    row(`\`${permission}\``, (needs[permission] ?? ['–']).join('<br>')),
  );
  return `${[
    intro,
    table(['permission', ...grades], rows),
    '## What needs which permission',
    table(['permission', 'endpoints'], uses),
  ].join('\n\n')}\n`;
}

const intro = `# Access

Which role may do what. Rendered from the catalogue in \`src/domain/access.ts\` by \`npm run docs\`; do not edit it here.

A credential names a role and the projects it reaches. What lies in no project of it does not exist for it: 404. What it
may see but not do is 403. An agent bound to a session changes that session and its queue only, and the reports of its
tasks.`;
