import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { storeSettings } from '../stores/configured-store.ts';
import { createTempFolder } from '../stores/temp-folder.ts';

const main = join(import.meta.dirname, '../../../dist/main.js');

/** How the built program is run. */
export interface ProgramOptions {
  /** Its home, which is also its working directory. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of node. */
  readonly node?: readonly string[];
  /** The path of the script that is run; the built program where none is named. */
  readonly script?: string;
}

/** A run of the built program. */
export interface Program {
  readonly process: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
  /** Resolves once its standard output, or error, matches. Throws with what it said when it ends before. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts the built program; what is left of it is killed when the test has finished. */
export async function startProgram(
  args: readonly string[],
  { home, env = {}, node = [], script = main }: ProgramOptions,
): Promise<Program> {
  const store = await storeSettings(home);
  const child = spawn(process.execPath, [...node, script, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, PORT: '0', ...store, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  const listeners = new Set<() => void>();
  for (const [name, stream] of [['out', child.stdout] as const, ['err', child.stderr] as const]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    process: child,
    out: () => said.out,
    err: () => said.err,
    exited: ended,
    waitForOutput: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(said.out) ?? pattern.exec(said.err);
          if (found !== null) resolve(found);
        };
        listeners.add(look);
        look();
        void ended.then((code) => reject(new Error(`It ended with ${code}, saying ${said.out}${said.err}`)));
      }),
  };
}

/** Runs the built program to its end. */
export async function runProgram(args: readonly string[], options: ProgramOptions) {
  const program = await startProgram(args, options);
  const code = await program.exited;
  return { code, out: program.out(), err: program.err() };
}

/** Starts the built server and waits until it is ready; gives its URL too. */
export async function startServer(options: ProgramOptions, args: readonly string[] = []) {
  const program = await startProgram(args, options);
  const [, url = ''] = await program.waitForOutput(/"url":"([^"]+)".*"msg":"ready"/);
  return { ...program, url };
}

/** A home in which nothing was ever started. */
export async function createProgramHome() {
  const home = await createTempFolder();
  const data = join(home, '.maestro', 'data');
  const read = async (name: string) => (await readFile(join(data, 'auth', name), 'utf8')).trim();
  return {
    home,
    data,
    token: () => read('admin-token'),
    secret: () => read('secret'),
    run: (args: string, env: Record<string, string> = {}) =>
      runProgram(args.split(' ').filter(Boolean), { home, env }),
  };
}

/** The header that proves who sends a request. */
export const bearerHeader = (token: string) => ({ Authorization: `Bearer ${token}` });

/** Makes a project of this name, and gives the answer. */
export function createProject(url: string, token: string, name: string): Promise<Response> {
  const headers = { ...bearerHeader(token), 'Content-Type': 'application/json' };
  return fetch(`${url}/api/projects`, { method: 'POST', headers, body: JSON.stringify({ name }) });
}
