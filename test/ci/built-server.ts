import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { top } from '../architecture/source-file.ts';

const main = join(top, 'dist/main.js');
const run = promisify(execFile);

/** The built server, running on a port and in a folder of its own. */
export interface BuiltServer {
  readonly url: string;
  readonly dataDir: string;
  /** Calls the server as its admin. Throws when it does not answer with a status below 400. */
  call(method: string, path: string, body?: unknown): Promise<Response>;
  /** Runs a subcommand against this server, and gives what it prints on standard output. */
  command(...args: readonly string[]): Promise<string>;
  /** Sends SIGTERM and gives the exit code. */
  stop(): Promise<number | null>;
  /** Ends what still runs, and removes the folder. */
  remove(): Promise<void>;
}

/** Starts `dist/main.js` in an empty folder and waits until it says where it listens. */
export async function startBuiltServer(): Promise<BuiltServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'built-server-'));
  const env = { PATH: process.env.PATH, HOME: dataDir, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, [main], {
    cwd: dataDir,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    const url = await urlOf(child, join(dataDir, 'server-url'), dataDir);
    const token = (await readFile(join(dataDir, 'auth/admin-token'), 'utf8')).trim();
    return {
      url,
      dataDir,
      call: (method, path, body) => call(url + path, method, token, body),
      command: async (...args) => {
        const { stdout } = await run(process.execPath, [main, ...args], {
          cwd: dataDir,
          env,
          maxBuffer: 1e9,
        });
        return stdout;
      },
      stop: async () => {
        child.kill('SIGTERM');
        return ended(child);
      },
      remove: () => end(child, dataDir),
    };
  } catch (error) {
    await end(child, dataDir);
    throw error;
  }
}

async function call(url: string, method: string, token: string, body: unknown): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status >= 400) {
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  }
  return response;
}

async function urlOf(child: ChildProcess, file: string, folder: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(folder);
    const settle = (error?: Error) => {
      watcher.close();
      child.off('exit', gone);
      error === undefined ? resolve() : reject(error);
    };
    const gone = (code: number | null) =>
      settle(new Error(`the server ended with ${code} before it was ready`));
    const look = () => existsSync(file) && settle();
    child.once('exit', gone);
    watcher.on('change', look);
    look();
  });
  return (await readFile(file, 'utf8')).trim();
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  child.kill('SIGKILL');
  await ended(child);
  await rm(folder, { recursive: true, force: true });
}
