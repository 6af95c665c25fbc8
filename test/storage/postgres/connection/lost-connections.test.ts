import { expect, it, onTestFinished } from 'vitest';
import type { EventRecord } from '../../../../src/application/store/store.ts';
import type { Stream } from '../../../../src/domain/channel.ts';
import { generousOptions } from '../../../support/postgres/postgres-database.ts';
import { openForTest } from '../../../support/postgres/stores-for-test.ts';
import { eventSamples } from '../../../support/samples/event-samples.ts';
import { samples } from '../../../support/samples/samples.ts';
import { recordCommits } from '../../../support/stores/commit-recorder.ts';
import { openStoreBehindProxy } from '../../../support/stores/store-behind-proxy.ts';
import { createGate } from '../../../support/time/gate.ts';
import {
  otherSampleStream,
  readCommitted,
  readEvents,
  sampleStream,
  writeInTransaction,
} from '../../contract/store-under-test.ts';

for (const cut of ['cut before', 'cut after'] as const) {
  for (const count of [0, 1, 3]) {
    it(`[PG12] finds out what became of a commit with ${count} events, one of which is kept, whose answer was lost: ${cut} it was done`, async () => {
      const { store, proxy } = await openStoreBehindProxy({
        retention: { ...generousOptions.retention, events: 1 },
      });
      let commits = 0;
      let runs = 0;
      proxy.onRequest = (chunk) => {
        if (!chunk.includes('commit\0')) return 'pass';
        commits += 1;
        return commits === 1 ? cut : 'pass';
      };
      const { positions } = await store.transaction('tester', async (tx) => {
        runs += 1;
        await tx.lock(sampleStream);
        await tx.tasks.insert({ ...samples.tasks(), id: 'task_a', title: `Run ${runs}` });
        for (let i = 0; i < count; i++) tx.emit('task:deleted', eventSamples['task:deleted']);
      });
      proxy.onRequest = () => 'pass';
      expect(commits).toBeGreaterThan(0);
      expect(runs).toBe(cut === 'cut after' ? 1 : 2);
      expect(await readCommitted(store, 'tasks', 'task_a')).toMatchObject({
        title: `Run ${runs}`,
        version: 1,
      });
      const { seq, events } = await store.read(async (reader) => ({
        seq: (await reader.events.head(sampleStream)).seq,
        events: await reader.events.read(sampleStream, Math.max(0, count - 1), 9),
      }));
      expect(events.map((event) => event.seq)).toStrictEqual(count === 0 ? [] : [count]);
      expect(positions.get(sampleStream)?.seq).toBe(count);
      expect(seq).toBe(count);
    });
  }
}

it('[PG13] runs a transaction again when its connection is lost in the middle of it', async () => {
  const { store, proxy } = await openStoreBehindProxy();
  let runs = 0;
  await writeInTransaction(store, async (tx) => {
    runs += 1;
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_a' });
    if (runs === 1) proxy.disconnectAll();
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_b' });
  });
  expect(runs).toBe(2);
  expect(await readCommitted(store, 'tasks', 'task_a')).toMatchObject({ version: 1 });
});

it('[PG14] does not commit half of the work when that went on behind a fault of the database', async () => {
  const { store, database } = await openStoreBehindProxy();
  let runs = 0;
  const working = writeInTransaction(store, async (tx) => {
    runs += 1;
    await tx.tasks.insert({ ...samples.tasks(), id: `task_${runs}` });
    if (runs > 1) return;
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and state = 'idle in transaction'`,
    );
    await tx.tasks.get('task_a').catch(() => {});
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_after' }).catch(() => {});
  });
  await working;
  const page = await store.read((reader) => reader.tasks.list({ limit: 9 }));
  expect(page.items.map((task) => task.id)).toStrictEqual(['task_2']);
});

it('[PG15] says that it is not ready while the database is away, and goes on when it is back', async () => {
  const { store, proxy } = await openStoreBehindProxy({ poolWaitMs: 500 });
  await proxy.close();
  for (const use of [
    () => writeInTransaction(store, async () => {}),
    () => readCommitted(store, 'tasks', 'task_a'),
  ]) {
    await expect(use()).rejects.toMatchObject({ code: 'NOT_READY' });
  }
  await expect.poll(() => store.health().status).toBe('failed');
  expect(store.health().detail).toMatch(/^The database cannot be reached/);
  await proxy.open();
  await expect.poll(() => store.health().status).toBe('ok');
  await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
});

it('[PG16] says that it is not ready when no connection becomes free in time', async () => {
  const { store } = await openStoreBehindProxy({ poolSize: 2, poolWaitMs: 300 });
  const goOn = createGate();
  const began = [createGate(), createGate()];
  const busy = began.map((one) =>
    store.read(async () => {
      one.open();
      await goOn.opened;
    }),
  );
  await Promise.all(began.map((one) => one.opened));
  await expect(readCommitted(store, 'tasks', 'task_a')).rejects.toMatchObject({
    code: 'NOT_READY',
    message: expect.stringMatching(/became free/),
  });
  goOn.open();
  await Promise.all(busy);
  expect(await readCommitted(store, 'tasks', 'task_a')).toBeUndefined();
});

it('[PG17] gives up a transaction that holds its locks and does nothing, so that others go on', async () => {
  const { store } = await openStoreBehindProxy({ limits: { statementMs: 200, lockMs: 100, idleMs: 300 } });
  const locked = createGate();
  const goOn = createGate();
  const holder = writeInTransaction(store, async () => {
    locked.open();
    await goOn.opened;
  }, [sampleStream]);
  const outcome = holder.catch((error: unknown) => error);
  await locked.opened;
  await writeInTransaction(store, async () => {}, [sampleStream]);
  goOn.open();
  expect(await outcome).toMatchObject({ code: 'NOT_READY' });
});

it('[PG18] tells what was committed while it was away, when it is back', async () => {
  const { store, proxy, database } = await openStoreBehindProxy();
  const elsewhere = await openForTest(database.url);
  const recorder = recordCommits(store);
  await proxy.close();
  for (let i = 0; i < 3; i++) {
    await writeInTransaction(elsewhere, async (tx) => tx.emit('task:deleted', eventSamples['task:deleted']));
  }
  await proxy.open();
  await recorder.waitForEvents(3);
  expect(recorder.events()).toStrictEqual(await readEvents(elsewhere, sampleStream));
});

it('[PG19] goes back for an event that it missed as soon as the next one of the stream comes', async () => {
  const { store, database } = await openStoreBehindProxy();
  const recorder = recordCommits(store);
  await writeInTransaction(store, async () => {});
  // A number of a transaction that was given out again behind a crash, so that it looks long known.
  await database.query(`
    with moved as (insert into streams (stream, seq) values ('${sampleStream}', 1) returning stream)
    insert into events (stream, seq, name, data, at, actor, tx)
    select stream, 1, 'task:deleted', '${JSON.stringify(eventSamples['task:deleted'])}', ${Date.now()}, 'elsewhere', '3' from moved`);
  await writeInTransaction(store, async (tx) => tx.emit('task:deleted', eventSamples['task:deleted']));
  await recorder.waitForEvents(2);
  expect(recorder.events()).toStrictEqual(await readEvents(store, sampleStream));
});

it('[PG48] reads nothing of a stream whose events nobody wants, and misses nothing of one that somebody comes to want', async () => {
  const { store, proxy, database } = await openStoreBehindProxy();
  const elsewhere = await openForTest(database.url);
  let asked = '';
  proxy.onRequest = (chunk) => {
    asked += chunk;
    return 'pass';
  };
  const wanted = new Set<string>([sampleStream]);
  const heard: EventRecord[] = [];
  const emit = (name: Stream) =>
    elsewhere.transaction('tester', async (tx) => {
      await tx.lock(name);
      tx.emit('task:deleted', { id: 'task_a', projectId: name.slice('project:'.length) });
    });
  let arrived: () => void = () => {};
  const stop = store.onCommit(
    (events) => {
      heard.push(...events);
      arrived();
    },
    (news) => wanted.has(news.stream),
  );
  onTestFinished(stop);
  const next = async (work: () => Promise<unknown>) => {
    const hearing = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await work();
    await hearing;
  };
  for (let i = 0; i < 3; i++) await emit(otherSampleStream);
  await next(() => emit(sampleStream));
  expect(heard.map((event) => [event.stream, event.seq])).toStrictEqual([[sampleStream, 1]]);
  expect(asked).toContain(sampleStream);
  expect(asked).not.toContain(otherSampleStream);
  wanted.add(otherSampleStream);
  await next(() => emit(otherSampleStream));
  expect(heard.map((event) => [event.stream, event.seq])).toStrictEqual([
    [sampleStream, 1],
    [otherSampleStream, 4],
  ]);
  await proxy.close();
  wanted.delete(sampleStream);
  await emit(sampleStream);
  await emit(otherSampleStream);
  await next(() => proxy.open());
  expect(heard.at(-1)).toMatchObject({ stream: otherSampleStream, seq: 5 });
  expect(heard).toHaveLength(3);
});
