import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Environment } from '../../config/config.ts';
import { findClosestMatch } from '../../domain/values/closest-match.ts';

/** What a command has around it: never the process itself. */
export interface CommandContext {
  /** The variables that settings come from. Throws ConfigError. */
  readonly environment: () => Environment;
  readonly cwd: string;
  readonly home: string;
  /** Whether a person reads what is said. */
  readonly isTerminal: boolean;
  /** Writes the output of the command. */
  readonly print: (text: string) => void;
  /** Writes a part of a large output, and resolves when there is room for the next. Throws CommandError when the reader is gone. */
  readonly writeChunk: (text: string | Uint8Array) => Promise<void>;
  /** The standard input. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Writes errors and remarks, apart from the output. */
  readonly printDiagnostic: (text: string) => void;
  /** Replaces the line that says how far the command is, '' takes it away; absent when no terminal shows it. */
  readonly showProgress?: ((text: string) => void) | undefined;
}

/** One flag of a command. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  /** The name of its value in the help. */
  readonly value?: string;
  readonly sentence: string;
}

type Flags = Readonly<Record<string, Flag>>;

/** The values of flags that were given. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: (F[Name]['type'] extends 'boolean' ? boolean : string) | undefined;
};

interface Declaration<F extends Flags> {
  /** One word or two. */
  readonly name: string;
  readonly sentence: string;
  /** The positional arguments in order, as the help names them; those in brackets are optional, and the one with "..." may be repeated. */
  readonly operands?: readonly string[];
  readonly flags: F;
  /** Does it, and returns the exit code. */
  readonly run: (
    given: { readonly flags: FlagValues<F>; readonly operands: readonly string[] },
    surroundings: CommandContext,
  ) => Promise<number>;
}

/** A command with its types erased: what the table holds. */
export interface Command {
  readonly name: string;
  readonly sentence: string;
  readonly operands: readonly string[];
  readonly flags: Flags;
  /** Parses the arguments behind its name and runs it. Throws UsageError. */
  readonly run: (args: readonly string[], surroundings: CommandContext) => Promise<number>;
}

/** What was asked of the program cannot be understood; the sentence says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The command was understood and could not be done; the sentence says why. */
export class CommandError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CommandError';
  }
}

/** Declares a command: its name, its help and what it does, in one value. */
export function command<const F extends Flags>(declaration: Declaration<F>): Command {
  const { operands = [], flags, run, ...rest } = declaration;
  return {
    ...rest,
    operands,
    flags,
    run: (args, surroundings) => {
      const { values, positionals } = parseArguments(args, flags);
      const required = operands.filter((name) => !name.startsWith('['));
      const takesMore = operands.at(-1)?.includes('...') ?? false;
      if (positionals.length < required.length || (positionals.length > operands.length && !takesMore)) {
        throw new UsageError(describeOperandError(operands, positionals));
      }
      // The parser has checked the values against the same flags that the type is made from.
      return run({ flags: values as FlagValues<F>, operands: positionals }, surroundings);
    },
  };
}

function parseArguments(args: readonly string[], flags: Flags) {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type }] of Object.entries(flags)) options[name] = { type };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(describeFlagError(error instanceof Error ? error.message : '', flags));
  }
}

function describeFlagError(message: string, flags: Flags): string {
  const unknown = /^Unknown option '-{1,2}([^']+)'/.exec(message)?.[1];
  if (unknown === undefined) return `${message.split('\n')[0]}.`.replace('..', '.');
  const meant = findClosestMatch(unknown, Object.keys(flags));
  return `There is no flag --${unknown}${meant === undefined ? '.' : `; did you mean --${meant}?`}`;
}

function describeOperandError(operands: readonly string[], given: readonly string[]): string {
  const missing = operands[given.length];
  return missing === undefined
    ? `"${given[operands.length]}" is more than it takes.`
    : `${missing} is missing.`;
}
