import pg from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { EventRecord, Store } from '../../../src/application/store/store.ts';
import { streamOfProject } from '../../../src/domain/channel.ts';
import { newId } from '../../../src/domain/values/id.ts';
import { openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import {
  createBareDatabase,
  generousOptions,
  type TestDatabase,
} from '../../support/postgres/postgres-database.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/postgres-server.ts';
import { samples } from '../../support/samples/samples.ts';
import { compareThroughput, median, type Throughput, writeReport } from './measure.ts';

const projects = Array.from({ length: 64 }, (_, i) => `proj_${i}`);
const writers = 32;
const poolSize = 16;
const milliseconds = Number(process.env.BENCH_SECONDS ?? 4) * 1000;

describe('PostgreSQL store', () => {
  let server: PostgresServer;
  let database: TestDatabase;
  let store: Store;
  let pool: pg.Pool;

  beforeAll(async () => {
    server = await startPostgres({ fsync: 'on', shared_buffers: '256MB' });
    database = await createBareDatabase({ server: server.url });
    store = await openPostgresStore({ ...generousOptions, url: database.url, poolSize });
    pool = new pg.Pool({ connectionString: database.url, max: poolSize });
    pool.on('error', () => {});
  });
  afterAll(async () => {
    await pool?.end();
    await store?.close();
    await server?.stop();
  });

  const insert = (project: string) =>
    store.transaction('writer', async (tx) => {
      await tx.lock(streamOfProject(project));
      tx.emit(
        'task:created',
        await tx.tasks.insert({ ...samples.tasks(), id: newId('task', Date.now()), projectId: project }),
      );
    });

  it('inserts tasks with their events, against the same inserts without the event log', async () => {
    const bare = async (project: string) => {
      const task = { ...samples.tasks(), id: newId('task', Date.now()), projectId: project };
      const values = await insertOf(database);
      const client = await pool.connect();
      await client.query('begin');
      await client.query({ name: 'insert', text: values.sql, values: values.of(task) });
      await client.query('commit');
      client.release();
    };
    await compareThroughput(
      `insert a task and its event, ${writers} writers, 64 projects`,
      () => measureRate((n) => insert(projects[n % 64] ?? '')),
      () => measureRate((n) => bare(projects[n % 64] ?? '')),
    );
  });

  it('inserts into one project, against inserts into 64', async () => {
    await compareThroughput(
      `insert a task and its event, ${writers} writers, one project against 64`,
      () => measureRate(() => insert('proj_0')),
      () => measureRate((n) => insert(projects[n % 64] ?? '')),
    );
  });

  it('changes a queue and its task with two events, against the same row-locked statements in raw SQL', async () => {
    await database.query('create table bare_locks (id text primary key, n bigint not null)');
    await store.transaction('writer', async (tx) => {
      for (const [i, project] of projects.entries()) {
        await tx.lock(streamOfProject(project));
        await tx.queues.insert({ ...samples.queues(), sessionId: `sess_${i}`, projectId: project });
        await tx.tasks.insert({ ...samples.tasks(), id: `task_${i}`, projectId: project });
      }
    });
    await database.query(`insert into bare_locks select 'proj_' || n, 0 from generate_series(0, 63) as n`);
    const step = (i: number) =>
      store.transaction('writer', async (tx) => {
        await tx.lock(streamOfProject(projects[i] ?? ''));
        const [queue, task] = [await tx.queues.get(`sess_${i}`), await tx.tasks.get(`task_${i}`)];
        if (queue === undefined || task === undefined) throw new Error('what is measured is gone');
        tx.emit('queue:created', {
          sessionId: queue.sessionId,
          projectId: queue.projectId,
          queue: await tx.queues.update(queue),
        });
        tx.emit('task:updated', await tx.tasks.update({ ...task, updatedAt: tx.now }));
      });
    const bare = async (i: number) => {
      const client = await pool.connect();
      await client.query('begin');
      await client.query('select n from bare_locks where id = $1 for update', [projects[i]]);
      const queue = (await client.query('select doc, version from queues where id = $1', [`sess_${i}`]))
        .rows[0];
      const task = (await client.query('select doc, version from tasks where id = $1', [`task_${i}`]))
        .rows[0];
      await client.query('update queues set doc = $2, version = $3 where id = $1', [
        `sess_${i}`,
        JSON.stringify({ ...queue.doc, version: Number(queue.version) + 1 }),
        Number(queue.version) + 1,
      ]);
      await client.query('update tasks set doc = $2, version = $3, order_updated_at = $4 where id = $1', [
        `task_${i}`,
        JSON.stringify({ ...task.doc, version: Number(task.version) + 1 }),
        Number(task.version) + 1,
        Date.now(),
      ]);
      await client.query('update bare_locks set n = n + 2 where id = $1', [projects[i]]);
      await client.query('commit');
      client.release();
    };
    await compareThroughput(
      `change a queue and its task, ${writers} writers, 64 projects`,
      () => measureRate((n) => step(n % 64)),
      () => measureRate((n) => bare(n % 64)),
    );
  });

  it('delivers to another process', async () => {
    const other = await openPostgresStore({ ...generousOptions, url: database.url });
    const taken: number[] = [];
    for (let i = 0; i < 300; i++) {
      let heard: (events: readonly EventRecord[]) => void = () => {};
      const delivered = new Promise<readonly EventRecord[]>((resolve) => {
        heard = resolve;
      });
      const stop = other.onCommit(heard);
      await insert('proj_0');
      const start = performance.now();
      await delivered;
      taken.push(performance.now() - start);
      stop();
    }
    await other.close();
    const p99 = taken.sort((a, b) => a - b)[Math.floor(taken.length * 0.99)] ?? Number.NaN;
    writeReport(
      `from a commit to a listener in another store: p50 ${median(taken).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    );
  });
});

/** How often the work is done in a second by all writers together. */
async function measureRate(work: (n: number) => Promise<unknown>): Promise<Throughput> {
  const start = performance.now();
  let done = 0;
  let next = 0;
  const writer = async () => {
    while (performance.now() - start < milliseconds) {
      await work(next++);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return { responses: done, perSecond: (done * 1000) / (performance.now() - start) };
}

interface Insert {
  readonly sql: string;
  readonly of: (task: { readonly id: string }) => unknown[];
}

let inserting: Promise<Insert> | undefined;

/** The insert of a whole row of tasks, less what the store does around it. */
function insertOf(database: TestDatabase): Promise<Insert> {
  inserting ??= readInsert(database);
  return inserting;
}

async function readInsert(database: TestDatabase): Promise<Insert> {
  const [row] = await database.query<Record<string, unknown>>('select * from tasks limit 1');
  const { id: _, doc: __, ...rest } = { ...row };
  const names = ['id', 'doc', ...Object.keys(rest)];
  return {
    sql: `insert into tasks (${names}) values (${names.map((_, i) => `$${i + 1}`)})`,
    of: (task) => [task.id, JSON.stringify(task), ...Object.values(rest)],
  };
}
