import type { Command } from './command.ts';

/** How to call the program: what it can do, in one screen. */
export function formatProgramHelp(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map((command) => formatUsage(command).length));
  return [
    `maestro-server ${version}: where coding agents meet.`,
    '',
    ...commands.map(
      (command) => `  maestro-server ${formatUsage(command).padEnd(width)}  ${command.sentence}`,
    ),
    '',
    'Without a command it serves. "maestro-server help <command>" shows the flags of a command.',
    'Settings come from flags of serve, the environment and .env, in this order; see docs/configuration.md.',
    '',
  ].join('\n');
}

/** How to call one command. */
export function formatCommandHelp(command: Command): string {
  const flags = Object.entries(command.flags).map(([name, { value, sentence }]) => {
    const spelt = value === undefined ? `--${name}` : `--${name} <${value}>`;
    return { spelt, sentence };
  });
  const width = Math.max(0, ...flags.map(({ spelt }) => spelt.length));
  return [
    `maestro-server ${formatUsage(command)}${flags.length === 0 ? '' : ' [flags]'}`,
    '',
    command.sentence,
    ...(flags.length === 0 ? [] : ['']),
    ...flags.map(({ spelt, sentence }) => `  ${spelt.padEnd(width)}  ${sentence}`),
    '',
  ].join('\n');
}

function formatUsage({ name, operands }: Command): string {
  return [name, ...operands].join(' ');
}
