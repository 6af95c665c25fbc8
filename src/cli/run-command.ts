import { ConfigError } from '../config/config.ts';
import { AppError } from '../domain/errors.ts';
import { StartError } from '../domain/start-error.ts';
import { findClosestMatch } from '../domain/values/closest-match.ts';
import { parseSystemError } from '../domain/values/system-error.ts';
import { readVersion } from '../system/process/version.ts';
import { type Command, type CommandContext, CommandError, UsageError } from './command/command.ts';
import { formatCommandHelp, formatProgramHelp } from './command/help.ts';

/** The errors whose sentence is all there is to say. */
const expectedErrors = [ConfigError, StartError, CommandError, AppError];

const isHelpRequest = (word: string | undefined) => word === 'help' || word === '--help' || word === '-h';

/**
 * Runs the command that the arguments name, `serve` when they name none, and returns the exit code: 0 when it did what
 * it was asked, 1 when it could not, 2 when it was asked what cannot be understood.
 */
export async function runCommand(
  args: readonly string[],
  commands: readonly Command[],
  surroundings: CommandContext,
): Promise<number> {
  try {
    const [first, ...rest] = args;
    if (first === '--version' || first === '-v') surroundings.print(`${readVersion()}\n`);
    else if (isHelpRequest(first)) surroundings.print(formatHelp(rest, commands));
    else return await dispatch(args, commands, surroundings);
    return 0;
  } catch (error) {
    return reportError(error, surroundings);
  }
}

function dispatch(
  args: readonly string[],
  commands: readonly Command[],
  surroundings: CommandContext,
): Promise<number> {
  const named = args[0] !== undefined && !args[0].startsWith('-');
  const { command, rest } = named ? findCommand(args, commands) : { command: commands[0], rest: args };
  // What follows "--" is for another program.
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (own.some((word) => word === '--help' || word === '-h')) {
    surroundings.print(command === undefined ? formatHelp(args, commands) : formatCommandHelp(command));
    return Promise.resolve(0);
  }
  if (command === undefined) throw unknownCommandError(args, commands);
  return command.run(rest, surroundings);
}

/** The command of one or two words that the arguments begin with, and what follows it. */
function findCommand(args: readonly string[], commands: readonly Command[]) {
  for (const length of [2, 1]) {
    const name = args.slice(0, length).join(' ');
    const command = commands.find((one) => one.name === name);
    if (command !== undefined) return { command, rest: args.slice(length) };
  }
  return { command: undefined, rest: args };
}

function formatHelp(words: readonly string[], commands: readonly Command[]): string {
  if (words.length === 0) return formatProgramHelp(commands, readVersion());
  const { command } = findCommand(words, commands);
  if (command !== undefined) return formatCommandHelp(command);
  const [first = '', second] = words;
  const family = findSubcommands(first, commands);
  if (family.length === 0 || !isMissing(second)) throw unknownCommandError(words, commands);
  return family.map(formatCommandHelp).join('\n');
}

/** The commands of two words that begin with this one. */
function findSubcommands(first: string, commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${first} `));
}

const isMissing = (second: string | undefined) => second === undefined || second.startsWith('-');

function unknownCommandError(
  [first = '', second]: readonly string[],
  commands: readonly Command[],
): UsageError {
  const names = commands.map((command) => command.name);
  const family = findSubcommands(first, commands).map((command) => command.name);
  if (family.length > 0 && isMissing(second)) {
    return new UsageError(`"${first}" needs one of: ${family.join(', ')}.`);
  }
  const meant = findClosestMatch(`${first} ${second ?? ''}`.trim(), names) ?? findClosestMatch(first, names);
  const asked = family.length > 0 ? `${first} ${second}` : first;
  return new UsageError(
    `There is no command "${asked}"${meant === undefined ? '.' : `; did you mean "${meant}"?`}`,
  );
}

function reportError(error: unknown, { printDiagnostic }: CommandContext): number {
  if (error instanceof UsageError) printDiagnostic(`${error.message} See "maestro-server help".\n`);
  else if (expectedErrors.some((kind) => error instanceof kind))
    printDiagnostic(`${(error as Error).message}\n`);
  else printDiagnostic(`${describe(error)}\n`);
  return error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
}

/** A sentence about what the operating system reported, and of any other error where it came from. */
function describe(error: unknown): string {
  const found = parseSystemError(error);
  if (found !== undefined) return `${found.path} cannot be used: ${found.reason}.`;
  return String(error instanceof Error ? error.stack : error);
}
