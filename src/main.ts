#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { parseEnv } from 'node:util';
import { CommandError } from './cli/command/command.ts';
import { commands } from './cli/commands.ts';
import { runCommand } from './cli/run-command.ts';
import { ConfigError, type Environment } from './config/config.ts';

/** The environment, with what `.env` in the working directory adds to it. */
function readEnvironment(): Environment {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const [name, value] of Object.entries(parseEnv(readEnvFile()))) env[name] ||= value;
  return env;
}

function readEnvFile(): string {
  try {
    return readFileSync('.env', 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new ConfigError([
      `.env is there and cannot be read: ${error instanceof Error ? error.message : error}.`,
    ]);
  }
}

// Whatever a library makes is then the owner's alone too.
process.umask(0o077);

/** Writes to standard output no faster than that is read. */
function writeOutput(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) reject(new CommandError(`Standard output takes no more: ${error.message}`, error));
      else resolve();
    });
  });
}

// A reader that goes away, as "head" does, is no fault of the program: what waits for the output hears of it.
process.stdout.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), commands, {
  environment: readEnvironment,
  cwd: process.cwd(),
  home: homedir(),
  isTerminal: process.stdout.isTTY === true,
  say: (text) => process.stdout.write(text),
  pour: writeOutput,
  get input() {
    return process.stdin;
  },
  remark: (text) => process.stderr.write(text),
});
