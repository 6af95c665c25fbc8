import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { storeSettings } from '../stores/configured-store.ts';

const main = join(import.meta.dirname, '../../../dist/main.js');

/** A server process of the built program. */
export interface BuiltServer {
  readonly url: string;
  readonly token: string;
  readonly process: ChildProcess;
  /** Everything it wrote to its standard output and error so far. */
  output(): string;
  /** Sends a request with JSON as the admin. */
  send(method: string, path: string, body?: unknown): Promise<ServerReply>;
  /** Kills it where it stands, and waits until it is gone. */
  kill(): Promise<void>;
  /** Stops it in order and gives its exit code. */
  stop(): Promise<number | null>;
}

/** What came back. */
export interface ServerReply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** A home of its own for a server: nothing of the machine is read or written. */
export async function createServerHome(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'maestro-home-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Starts the built program with its data under `home` and waits until it is ready. Throws with its output if it ends. */
export async function startBuiltServer(home: string, env: Record<string, string> = {}): Promise<BuiltServer> {
  const dataDir = join(home, 'data');
  const store = await storeSettings(home);
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, DATA_DIR: dataDir, PORT: '0', ...store, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = once(child, 'exit');
  let url = '';
  while (url === '') {
    if (child.exitCode !== null) throw new Error(`The server ended while starting:\n${output}`);
    const written = await readFile(join(dataDir, 'server-url'), 'utf8').catch(() => '');
    url = written !== '' && (await isReady(written)) ? written : '';
    if (url === '') await setTimeout(20);
  }
  const token = (await readFile(join(dataDir, 'auth', 'admin-token'), 'utf8')).trim();
  return {
    url,
    token,
    process: child,
    output: () => output,
    async send(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}

/** Whether a server is ready there: the note may be of a process that was killed before. */
async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/ready`).catch(() => undefined);
  return answer?.status === 200;
}
