#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { parseEnv } from 'node:util';
import { CommandError } from './cli/command/command.ts';
import { createDiagnostics } from './cli/command/diagnostics.ts';
import { commands } from './cli/commands.ts';
import { runCommand } from './cli/run-command.ts';
import { ConfigError, type Environment } from './config/config.ts';
import { systemErrorCode } from './domain/values/system-error.ts';

/** The environment of the process; variables that it lacks come from `.env` in the working directory, with or without a BOM. */
function readEnvironment(): Environment {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const [name, value] of Object.entries(parseEnv(readEnvFile().replace(/^\uFEFF/, ''))))
    env[name] ||= value;
  return env;
}

function readEnvFile(): string {
  try {
    return readFileSync('.env', 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return '';
    throw new ConfigError([
      `.env exists but cannot be read: ${error instanceof Error ? error.message : error}.`,
    ]);
  }
}

// Files that libraries create are then private to their owner as well.
process.umask(0o077);

/** Writes to standard output; resolves when the text is written, so that a slow reader slows the writer down. */
function writeOutput(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) reject(new CommandError(`Standard output cannot be written: ${error.message}`, error));
      else resolve();
    });
  });
}

// A reader such as "head" may end early. Without a listener that would crash the process; the pending write rejects.
process.stdout.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), commands, {
  environment: readEnvironment,
  cwd: process.cwd(),
  home: homedir(),
  isTerminal: process.stdout.isTTY === true,
  print: (text) => process.stdout.write(text),
  writeChunk: writeOutput,
  get input() {
    return process.stdin;
  },
  ...createDiagnostics(process.stderr),
});
