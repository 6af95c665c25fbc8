import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Store, Transaction } from '../../../src/application/store/store.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { logSamples, sampleProjectId, samples } from '../../support/samples/samples.ts';
import { createGate } from '../../support/time/gate.ts';
import {
  openForTest,
  otherSampleStream,
  readCommitted,
  readEvents,
  type StoreOpener,
  sampleStream,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store promises about transactions and views that run at the same time. */
export function describeConcurrency(open: StoreOpener): void {
  it('[ST30] loses no change of transactions that count up one entity at the same time', async () => {
    const { store } = await openForTest(open);
    await writeInTransaction(store, (tx) =>
      tx.tasks.insert({ ...samples.tasks(), id: 'task_a', title: '0' }),
    );
    const countUp = async (tx: Transaction) => {
      const task = await requireTask(tx, 'task_a');
      await tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline());
      return (await tx.tasks.update({ ...task, title: `${Number(task.title) + 1}` })).title;
    };
    const counts = await Promise.all(
      Array.from({ length: 50 }, () => writeInTransaction(store, countUp, [sampleStream])),
    );
    const upTo50 = Array.from({ length: 50 }, (_, i) => i + 1);
    expect(counts.map(Number).sort((a, b) => a - b)).toStrictEqual(upTo50);
    expect(await readCommitted(store, 'tasks', 'task_a')).toMatchObject({ title: '50', version: 51 });
    const entries = await store.read((reader) => reader.timeline.read('sess_a', 0, 100));
    expect(entries.map((item) => item.n)).toStrictEqual(upTo50);
  });

  it('[ST31] lets no two transactions decide on what the other one changes', async () => {
    const { store } = await openForTest(open);
    for (let round = 0; round < 10; round++) {
      const ids = [`sess_${round}a`, `sess_${round}b`] as const;
      await writeInTransaction(store, async (tx) => {
        for (const id of ids) await tx.sessions.insert({ ...samples.sessions(), id, status: 'working' });
      });
      const stopUnlessLast = (own: string) =>
        writeInTransaction(
          store,
          async (tx) => {
            const working = await tx.sessions.list({ where: { status: 'working' }, limit: 3 });
            const session = working.items.find((one) => one.id === own);
            if (working.items.length < 2 || session === undefined) return;
            await tx.sessions.update({ ...session, status: 'completed' });
          },
          [sampleStream],
        );
      await Promise.all(ids.map(stopUnlessLast));
      const left = await store.read((reader) =>
        reader.sessions.list({ where: { status: 'working' }, limit: 3 }),
      );
      expect(left.items).toHaveLength(1);
      await writeInTransaction(store, (tx) => tx.sessions.delete(left.items[0]?.id ?? ''));
    }
  });

  it('[ST32] commits transactions that lock the same streams in other orders', async () => {
    const { store } = await openForTest(open);
    const orders = [
      [sampleStream, otherSampleStream],
      [otherSampleStream, sampleStream],
    ];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        writeInTransaction(
          store,
          (tx) => tx.tasks.insert({ ...samples.tasks(), id: `task_${i}` }),
          orders[i % 2],
        ),
      ),
    );
    const page = await store.read((reader) => reader.tasks.list({ limit: 1, count: true }));
    expect(page.total).toBe(20);
  });

  it('[ST33] makes who locks a locked stream wait, and then see what was changed', async () => {
    const { store } = await openForTest(open);
    const locked = createGate();
    const goOn = createGate();
    const first = writeInTransaction(
      store,
      async (tx) => {
        locked.open();
        await goOn.opened;
        await tx.tasks.insert({ ...samples.tasks(), id: 'task_a' });
      },
      [sampleStream],
    );
    await locked.opened;
    const second = writeInTransaction(store, (tx) => tx.tasks.get('task_a'), [sampleStream]);
    goOn.open();
    await first;
    expect(await second).toMatchObject({ id: 'task_a' });
  });

  it('[ST34] reads one view, whatever is committed meanwhile, and holds up nobody with it', async () => {
    const { store } = await openForTest(open);
    await writeInTransaction(store, changeAll('task_a'));
    const looks = await store.read(async (reader) => {
      const look = async () => ({
        tasks: await reader.tasks.list({ limit: 9, count: true }),
        entries: await reader.timeline.read('sess_a', 0, 9),
        count: await reader.timeline.count('sess_a'),
        head: await reader.events.head(sampleStream),
        events: await reader.events.read(sampleStream, 0, 9),
      });
      const before = await look();
      // Once only: the work may run more than once.
      const present = await readCommitted(store, 'tasks', 'task_b');
      if (present === undefined) await writeInTransaction(store, changeAll('task_b'));
      return [before, await look()];
    });
    expect(looks[1]).toStrictEqual(looks[0]);
    expect(await readCommitted(store, 'tasks', 'task_b')).toBeDefined();
  });

  it('[ST35] keeps transactions that fail apart from those that run beside them', async () => {
    const { store } = await openForTest(open);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) =>
        writeInTransaction(store, async (tx) => {
          await changeAll(`task_${i}`)(tx);
          if (i % 3 === 0) throw new Error('changed my mind');
        }),
      ),
    );
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed).toHaveLength(20);
    await store.read(async (reader) => {
      expect((await reader.tasks.list({ limit: 1, count: true })).total).toBe(40);
      expect(await reader.timeline.count('sess_a')).toBe(40);
    });
    const seqs = (await readEvents(store, sampleStream)).map((event) => event.seq);
    expect(seqs).toStrictEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('[ST36] ends what runs when it closes, closes once, and then refuses', async () => {
    const { store, close } = await openForTest(open);
    const worked = new Set<number>();
    const goOn = createGate();
    const running = [1, 2, 3].map((i) =>
      writeInTransaction(store, async (tx) => {
        await goOn.opened;
        await tx.tasks.insert({ ...samples.tasks(), id: `task_${i}` });
        worked.add(i);
      }),
    );
    const workedAtClose = close().then(() => worked.size);
    await setImmediate();
    goOn.open();
    expect(await workedAtClose).toBe(3);
    await Promise.all(running);
    await store.close();
    await expect(readCommitted(store, 'tasks', 'task_a')).rejects.toMatchObject({ code: 'NOT_READY' });
    await expect(writeInTransaction(store, async () => {})).rejects.toMatchObject({ code: 'NOT_READY' });
  });

  it('[ST37] fares well from the start', async () => {
    const { store } = await openForTest(open);
    expect((store satisfies Store).health().status).toBe('ok');
  });
}

function changeAll(id: string) {
  return async (tx: Transaction) => {
    await tx.tasks.insert({ ...samples.tasks(), id });
    await tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline());
    tx.emit('task:created', { ...eventSamples['task:created'], id });
  };
}

async function requireTask(tx: Transaction, id: string) {
  const task = await tx.tasks.get(id);
  if (task === undefined) throw new Error(`task ${id} is gone`);
  return task;
}
