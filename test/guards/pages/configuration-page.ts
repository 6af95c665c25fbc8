import { clientVariables, providerVariables } from '../../../src/config/config-warnings.ts';
import { type SettingName, settingMeta, settingNames } from '../../../src/config/settings.ts';
import { row, table } from './markdown-table.ts';

/** docs/configuration.md: every setting with its default, what is allowed and what it is for. */
export function configurationPage(): string {
  const groups = [...new Set(settingNames.map((name) => settingMeta(name).group))].map((group) => {
    const names = settingNames.filter((name) => settingMeta(name).group === group);
    return `## ${group}\n\n${table(['variable', 'default', 'allowed', 'meaning'], names.map(settingRow))}`;
  });
  return `${[intro, ...groups, unread].join('\n\n')}\n`;
}

/** .env.example: every setting as a comment, so that the file as it stands changes nothing. */
export function envExample(): string {
  const entries = settingNames.map((name) => {
    const { description, allowed, defaultValue } = settingMeta(name);
    return `# ${description}\n# Allowed: ${allowed}.\n#${name}=${defaultValue ?? ''}\n`;
  });
  return [envIntro, ...entries].join('\n');
}

function settingRow(name: SettingName): string {
  const { defaultValue, allowed, description } = settingMeta(name);
  const without = defaultValue === undefined || defaultValue === '' ? '–' : `\`${defaultValue}\``;
  return row(`\`${name}\``, without, allowed, description);
}

const intro = `# Configuration

Every setting of the server. Rendered from the catalogue in \`src/config/settings.ts\` by \`npm run docs\`; do not edit it here.

A setting is an environment variable or a line of \`.env\` in the working directory; the environment takes precedence. An
empty variable counts as missing. If any setting is invalid, the server reports all of them with what is allowed, and
does not start (exit code 2). \`maestro-server serve --print-config\` prints the settings that a start would use, with
secrets masked. A variable whose name is almost that of a setting causes a warning.`;

const unread = `## Variables that are not read

${providerVariables.map((name) => `\`${name}\``).join(', ')}: keys of model providers are never read, stored or passed on;
they belong in the environment that starts an agent.

${clientVariables.map((name) => `\`${name}\``).join(', ')}: these are read by client programs. The subcommands of
\`maestro-server\` also use \`MAESTRO_TOKEN\`, as their token.`;

const envIntro = `# Settings of maestro-server: copy this file to .env, and remove the # where you want another value.
# Rendered from the catalogue in src/config/settings.ts by "npm run docs"; do not edit it here.
`;
