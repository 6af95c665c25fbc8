import { expect, it } from 'vitest';
import type { Store } from '../../../src/application/store/store.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { logSamples, sampleProjectId, samples } from '../../support/samples/samples.ts';
import {
  openForTest,
  readCommitted,
  readEvents,
  type StoreOpener,
  sampleStream,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store promises about one transaction. */
export function describeTransactions(open: StoreOpener): void {
  it('[ST1] commits changes of every sort together with their events, and returns what the work returned', async () => {
    const { store } = await openForTest(open);
    const { task, session } = await changeEverything(store);
    expect(await readCommitted(store, 'tasks', task.id)).toMatchObject({ title: 'Changed', version: 2 });
    expect(await readCommitted(store, 'sessions', session.id)).toBeUndefined();
    await store.read(async (reader) => {
      expect(await reader.timeline.count(session.id)).toBe(1);
      expect(await reader.activity.count(session.id)).toBe(0);
      expect((await reader.events.head(sampleStream)).seq).toBe(1);
    });
  });

  it('[ST2] leaves nothing behind when the work throws, and throws what the work threw', async () => {
    const { store } = await openForTest(open);
    const { task, session } = await changeEverything(store);
    const fault = new Error('changed my mind');
    const failing = writeInTransaction(store, async (tx) => {
      await tx.tasks.insert({ ...samples.tasks(), id: 'task_new' });
      await tx.tasks.delete(task.id);
      await tx.sessions.insert(session);
      await tx.timeline.append(session.id, sampleProjectId, logSamples.timeline());
      await tx.timeline.drop(session.id, sampleProjectId);
      await tx.activity.append(session.id, sampleProjectId, logSamples.activity());
      tx.emit('task:created', eventSamples['task:created']);
      throw fault;
    });
    await expect(failing).rejects.toBe(fault);
    expect(await readCommitted(store, 'tasks', 'task_new')).toBeUndefined();
    expect(await readCommitted(store, 'tasks', task.id)).toMatchObject({ title: 'Changed', version: 2 });
    expect(await readCommitted(store, 'sessions', session.id)).toBeUndefined();
    await store.read(async (reader) => {
      expect(await reader.timeline.count(session.id)).toBe(1);
      expect(await reader.activity.count(session.id)).toBe(0);
      expect((await reader.events.head(sampleStream)).seq).toBe(1);
      expect((await reader.tasks.list({ limit: 10, count: true })).total).toBe(1);
    });
  });

  it('[ST3] shows a change to nobody else before it is committed', async () => {
    const { store } = await openForTest(open);
    const task = samples.tasks();
    await writeInTransaction(store, async (tx) => {
      await tx.tasks.insert(task);
      await tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline());
      tx.emit('task:created', task);
      await store.read(async (reader) => {
        expect(await reader.tasks.get(task.id)).toBeUndefined();
        expect((await reader.tasks.list({ limit: 1, count: true })).total).toBe(0);
        expect(await reader.timeline.count('sess_a')).toBe(0);
        expect((await reader.events.head(sampleStream)).seq).toBe(0);
      });
    });
    expect(await readCommitted(store, 'tasks', task.id)).toBeDefined();
  });

  it('[ST4] sees its own changes in what it gets, lists, counts and reads of logs', async () => {
    const { store } = await openForTest(open);
    const old = { ...samples.tasks(), id: 'task_a' };
    await writeInTransaction(store, (tx) => tx.tasks.insert(old));
    await writeInTransaction(store, async (tx) => {
      const before = await tx.tasks.get('task_a');
      if (before === undefined) throw new Error('the task is gone');
      await tx.tasks.update({ ...before, status: 'completed' });
      await tx.tasks.insert({ ...samples.tasks(), id: 'task_b', status: 'completed' });
      await tx.tasks.insert({ ...samples.tasks(), id: 'task_c', status: 'completed' });
      await tx.tasks.delete('task_c');
      expect(await tx.tasks.get('task_a')).toMatchObject({ status: 'completed', version: 2 });
      expect(await tx.tasks.get('task_c')).toBeUndefined();
      const done = await tx.tasks.list({ where: { status: 'completed' }, limit: 10, count: true });
      expect([done.total, ...done.items.map((task) => task.id)]).toStrictEqual([2, 'task_a', 'task_b']);
      const open = await tx.tasks.list({ where: { status: 'in_progress' }, limit: 10, count: true });
      expect(open).toStrictEqual({ items: [], next: null, total: 0 });

      const entry = logSamples.timeline();
      await tx.timeline.append('sess_a', sampleProjectId, entry);
      expect(await tx.timeline.count('sess_a')).toBe(1);
      expect(await tx.timeline.read('sess_a', 0, 10)).toStrictEqual([{ n: 1, entry }]);
    });
  });

  it('[ST5] goes on after a refused change, which changed nothing', async () => {
    const { store } = await openForTest(open);
    const task = samples.tasks();
    await writeInTransaction(store, (tx) => tx.tasks.insert(task));
    await writeInTransaction(store, async (tx) => {
      await expect(tx.tasks.insert(task)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      await expect(tx.tasks.update({ ...task, version: 5 })).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(tx.tasks.delete('task_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await tx.tasks.update({ ...task, title: 'Changed' });
    });
    expect(await readCommitted(store, 'tasks', task.id)).toMatchObject({ title: 'Changed', version: 2 });
  });

  it('[ST6] fails with a value that is not JSON, and with it nothing but its own transaction', async () => {
    const { store } = await openForTest(open);
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const neighbours = ['evt_a', 'evt_b'].map((id) =>
      writeInTransaction(store, (tx) => tx.attempts.insert({ ...samples.attempts(), id })),
    );
    for (const value of [1n, circle]) {
      const bad = writeInTransaction(store, async (tx) => {
        await tx.attempts.insert({ ...samples.attempts(), id: 'evt_good' });
        await tx.attempts.insert({ ...samples.attempts(), id: 'evt_bad', value });
      });
      await expect(bad).rejects.toThrow();
      const badEntry = writeInTransaction(store, (tx) =>
        tx.activity.append('sess_a', sampleProjectId, { ...logSamples.activity(), data: value }),
      );
      await expect(badEntry).rejects.toThrow();
    }
    await Promise.all(neighbours);
    await writeInTransaction(store, (tx) => tx.attempts.insert({ ...samples.attempts(), id: 'evt_c' }));
    const page = await store.read((reader) => reader.attempts.list({ limit: 10 }));
    expect(page.items.map((attempt) => attempt.id)).toStrictEqual(['evt_a', 'evt_b', 'evt_c']);
    expect(await store.read((reader) => reader.activity.count('sess_a'))).toBe(0);
  });

  it('[ST7] keeps every JSON value as it is', async () => {
    const { store } = await openForTest(open);
    const values: readonly unknown[] = [
      ...['', '\0', '"\\\n\u2028', '\uD800', '\u{1F600}', 'é', 'e\u0301', '</script>'],
      ...[0, -1.5, 1e300, Number.MAX_SAFE_INTEGER, true, false, null, [], {}, [[null]]],
      { b: 1, a: { c: [{}] }, '': 0, constructor: 1, 'a.b': 2 },
      'long '.repeat(50_000),
    ];
    const attempt = { ...samples.attempts(), value: values };
    await writeInTransaction(store, (tx) => tx.attempts.insert(attempt));
    expect(await readCommitted(store, 'attempts', attempt.id)).toStrictEqual(attempt);
  });

  it('[ST8] takes one instant for all its changes, and that of its commit for its events', async () => {
    const { store } = await openForTest(open);
    const now = await writeInTransaction(store, async (tx) => {
      const before = tx.now;
      await tx.tasks.insert(samples.tasks());
      tx.emit('task:created', eventSamples['task:created']);
      expect(tx.now).toBe(before);
      return tx.now;
    });
    expect(Number.isSafeInteger(now)).toBe(true);
    expect((await readEvents(store, sampleStream)).map((event) => event.timestamp)).toStrictEqual([now]);
  });

  it('[ST9] takes many changes, also started all at once', async () => {
    const { store } = await openForTest(open);
    const ids = Array.from({ length: 1000 }, (_, i) => `task_${i}`);
    await writeInTransaction(store, async (tx) => {
      await Promise.all(ids.map((id) => tx.tasks.insert({ ...samples.tasks(), id })));
      const found = await Promise.all(ids.map((id) => tx.tasks.get(id)));
      for (const task of found) if (task !== undefined) tx.emit('task:created', task);
    });
    const page = await store.read((reader) => reader.tasks.list({ limit: 2000 }));
    expect(page.items.map((task) => task.id)).toStrictEqual(ids.toSorted());
    const events = await readEvents(store, sampleStream);
    expect(events.map((event) => event.data)).toStrictEqual(
      ids.map((id) => expect.objectContaining({ id, version: 1 })),
    );
  });
}

async function changeEverything(store: Store) {
  return writeInTransaction(store, async (tx) => {
    const task = await tx.tasks.insert(samples.tasks());
    const session = await tx.sessions.insert(samples.sessions());
    await tx.tasks.update({ ...task, title: 'Changed' });
    await tx.sessions.delete(session.id);
    await tx.timeline.append(session.id, sampleProjectId, logSamples.timeline());
    await tx.activity.append(session.id, sampleProjectId, logSamples.activity());
    await tx.activity.drop(session.id, sampleProjectId);
    tx.emit('task:created', task);
    return { task, session };
  });
}
