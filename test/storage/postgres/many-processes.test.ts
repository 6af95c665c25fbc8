import { expect, it } from 'vitest';
import type { Services } from '../../../src/application/services.ts';
import type { Store, Transaction } from '../../../src/application/store/store.ts';
import { streamOfProject } from '../../../src/domain/channel.ts';
import { databaseForTest, openForTest } from '../../support/postgres/stores-for-test.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { samples } from '../../support/samples/samples.ts';
import { createCall } from '../../support/services/service-harness.ts';
import { createStoreServices } from '../../support/services/store-services.ts';
import { recordCommits } from '../../support/stores/commit-recorder.ts';
import { createGate } from '../../support/time/gate.ts';
import {
  otherSampleStream,
  readCommitted,
  readEvents,
  sampleStream,
  writeInTransaction,
} from '../contract/store-under-test.ts';

it('[PG1] is one store for many processes: each sees and counts on what the others committed', async () => {
  const stores = await openShared(3);
  const [first] = stores;
  await writeInTransaction(first, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a', title: '0' }));
  const countUp = async (tx: Transaction) => {
    const task = await tx.tasks.get('task_a');
    if (task === undefined) throw new Error('the task is gone');
    await tx.tasks.update({ ...task, title: `${Number(task.title) + 1}` });
    tx.emit('task:updated', task);
  };
  await Promise.all(
    stores.flatMap((store) =>
      Array.from({ length: 20 }, () => writeInTransaction(store, countUp, [sampleStream])),
    ),
  );
  for (const store of stores) {
    expect(await readCommitted(store, 'tasks', 'task_a')).toMatchObject({ title: '60', version: 61 });
    const seqs = (await readEvents(store, sampleStream)).map((event) => event.seq);
    expect(seqs).toStrictEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  }
});

it('[PG2] tells the listeners of each process what any process committed, once and in order', async () => {
  const stores = await openShared(3);
  const ears = stores.map(recordCommits);
  await Promise.all(
    stores.flatMap((store) =>
      Array.from({ length: 20 }, (_, i) =>
        writeInTransaction(store, async (tx) => {
          tx.emit('task:deleted', eventSamples['task:deleted']);
          if (i % 2 === 0) tx.emit('project:updated', eventSamples['project:updated']);
        }),
      ),
    ),
  );
  for (const ear of ears) {
    await ear.waitForEvents(60 + 2 * 30);
    for (const name of [sampleStream, 'workspace'] as const) {
      const heard = ear.events().filter((event) => event.stream === name);
      expect(heard).toStrictEqual(await readEvents(stores[0], name));
    }
  }
});

it('[PG3] hears of the commits of other processes also when no notification comes', async () => {
  const database = await databaseForTest();
  const writer = await openForTest(database.url, { pollMs: 20 });
  const reader = await openForTest(database.url, { pollMs: 20 });
  const ear = recordCommits(reader);
  // Past the store, as a process whose notification got lost.
  await writeInTransaction(writer, async () => {});
  await database.query(`
    with moved as (insert into streams (stream, seq) values ('${sampleStream}', 1) returning stream)
    insert into events (stream, seq, name, data, at, actor)
    select stream, 1, 'task:deleted', '${JSON.stringify(eventSamples['task:deleted'])}', 1, 'elsewhere' from moved`);
  await ear.waitForEvents(1);
  expect(ear.events()).toStrictEqual(await readEvents(reader, sampleStream));
});

it('[PG4] answers as if one transaction came after the other, also about what was read before the lock', async () => {
  const stores = await openShared(2);
  await writeInTransaction(stores[0], (tx) =>
    tx.tasks.insert({ ...samples.tasks(), id: 'task_a', title: 'x' }),
  );
  await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      stores[i % 2 === 0 ? 0 : 1].transaction('tester', async (tx) => {
        const task = await tx.tasks.get('task_a');
        await tx.lock(sampleStream);
        if (task !== undefined) await tx.tasks.update({ ...task, title: `${task.title}x` });
      }),
    ),
  );
  expect(await readCommitted(stores[0], 'tasks', 'task_a')).toMatchObject({
    title: 'x'.repeat(31),
    version: 31,
  });
});

it('[PG8] proves before it commits what a transaction took for granted, also when that failed by then', async () => {
  const [store] = await openShared(2);
  await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
  const taken = { ...samples.tasks(), id: 'task_a' };
  const failing = store.transaction('tester', async (tx) => {
    await tx.lock(sampleStream);
    await tx.tasks.insert(taken);
    throw new Error('this came of an insert that did not happen');
  });
  await expect(failing).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  const { value } = await store.transaction('tester', async (tx) => {
    await tx.lock(sampleStream);
    tx.emit('task:deleted', eventSamples['task:deleted']);
    return tx.tasks.insert(taken).catch((error: { code: string }) => error.code);
  });
  expect(value).toBe('ALREADY_EXISTS');
  expect(await readEvents(store, sampleStream)).toHaveLength(1);
});

it('[PG5] lets nobody wait in a circle, in whatever order streams are locked', async () => {
  const database = await databaseForTest();
  const stores = [await openForTest(database.url), await openForTest(database.url)] as const;
  const orders = [
    [sampleStream, otherSampleStream, 'workspace'],
    ['workspace', otherSampleStream, sampleStream],
    [otherSampleStream, 'workspace', sampleStream],
  ] as const;
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      writeInTransaction(
        stores[i % 2 === 0 ? 0 : 1],
        (tx) => tx.tasks.insert({ ...samples.tasks(), id: `task_${i}` }),
        orders[i % 3],
      ),
    ),
  );
  const [held, both] = [createGate(), createGate()];
  await Promise.all([
    writeInTransaction(
      stores[0],
      async (tx) => {
        held.open();
        await both.opened;
        await tx.lock('workspace');
      },
      [sampleStream],
    ),
    held.opened.then(() =>
      writeInTransaction(
        stores[1],
        async (tx) => {
          both.open();
          await tx.lock(sampleStream);
        },
        ['workspace'],
      ),
    ),
  ]);
  const page = await stores[0].read((reader) => reader.tasks.list({ limit: 1, count: true }));
  expect(page.total).toBe(60);
  // The database breaks circles, and what it broke runs again; it counts them when a connection ends.
  for (const store of stores) await store.close();
  const left = `select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  await expect.poll(async () => (await database.query(left))[0]).toStrictEqual({ n: 0 });
  const circles = `select deadlocks::int as n from pg_stat_database where datname = current_database()`;
  expect(await database.query(circles)).toStrictEqual([{ n: 0 }]);
});

it('[PG6] starts an item of a queue once, in whichever process', async () => {
  const stores = await openShared(3);
  const processes = stores.map(createStoreServices);
  const [first] = processes as [Services];
  const project = await first.projects.create(createCall(), { name: 'Project' });
  const tasks = await Promise.all(
    ['a', 'b', 'c'].map((title) => first.tasks.create(createCall(), project.id, { title })),
  );
  const session = await first.sessions.create(createCall(), {
    projectId: project.id,
    taskIds: tasks.map((task) => task.id),
    strategy: 'queue',
  });
  const starts = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => processes[i % 3]?.queues.start(createCall(), session.id, 0)),
  );
  expect(starts.filter((start) => start.status === 'fulfilled')).toHaveLength(1);
  for (const start of starts) {
    if (start.status === 'rejected') expect(start.reason).toMatchObject({ code: 'QUEUE_BUSY' });
  }
  const events = await readEvents(stores[0], streamOfProject(project.id));
  expect(events.filter((event) => event.name === 'queue:item_started')).toHaveLength(1);
});

it('[PG7] makes one attempt of all retries under a key, in whichever process', async () => {
  const stores = await openShared(3);
  const processes = stores.map(createStoreServices);
  const idempotency = { key: 'once', route: 'POST /projects', fingerprint: 'f' };
  const projects = await Promise.all(
    Array.from({ length: 9 }, (_, i) =>
      processes[i % 3]?.projects.create(createCall({}, { idempotency }), { name: 'Once' }),
    ),
  );
  expect(new Set(projects.map((project) => project?.id)).size).toBe(1);
  const page = await stores[0].read((reader) => reader.projects.list({ limit: 9 }));
  expect(page.items).toHaveLength(1);
});

it('[PG49] takes away what is kept no longer a hundredth at a time, by count and by age', async () => {
  const database = await databaseForTest();
  const byCount = await openForTest(database.url, { retention: { events: 200, ageMs: 1_000_000_000 } });
  const emit = (store: Store) =>
    writeInTransaction(store, async (tx) => tx.emit('task:deleted', eventSamples['task:deleted']));
  const kept = async () => {
    const [row] = await database.query<{ first: string; rows: string }>(
      'select min(seq) as first, count(*) as rows from events',
    );
    return [Number(row?.first), Number(row?.rows)];
  };
  for (let i = 0; i < 200; i++) await emit(byCount);
  expect(await kept()).toStrictEqual([1, 200]);
  await emit(byCount);
  expect(await kept()).toStrictEqual([4, 198]);
  for (let i = 0; i < 2; i++) await emit(byCount);
  expect(await kept()).toStrictEqual([4, 200]);
  // Written by a version that did not note how old the stream is; all but the last three are too old by now.
  await database.query('update streams set oldest_at = null');
  await database.query('update events set at = at - 101000 where seq <= 200');
  const byAge = await openForTest(database.url, { retention: { events: 200, ageMs: 100_000 } });
  await emit(byAge);
  expect(await kept()).toStrictEqual([201, 4]);
  await expect(readEvents(byAge, sampleStream, 199)).rejects.toMatchObject({ code: 'POSITION_LOST' });
  expect((await readEvents(byAge, sampleStream, 200)).map((event) => event.seq)).toStrictEqual([
    201, 202, 203, 204,
  ]);
});

/** Stores of so many processes on one database. */
async function openShared(count: number): Promise<[Store, Store, ...Store[]]> {
  const { url } = await databaseForTest();
  const stores = await Promise.all(Array.from({ length: count }, () => openForTest(url)));
  const [first, second, ...rest] = stores;
  if (first === undefined || second === undefined) throw new Error('that is not shared');
  return [first, second, ...rest];
}
