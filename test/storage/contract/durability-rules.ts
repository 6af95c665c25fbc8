import { expect, it, type TestContext } from 'vitest';
import { kinds, logKinds } from '../../../src/application/store/collections.ts';
import type { Store } from '../../../src/application/store/store.ts';
import { eventNames } from '../../../src/domain/events.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { logSamples, sampleProjectId, samples } from '../../support/samples/samples.ts';
import { recordCommits } from '../../support/stores/commit-recorder.ts';
import { readEverything } from './read-everything.ts';
import {
  insertSample,
  openForTest,
  readEvents,
  type StoreOpener,
  sampleStream,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store that leaves something behind promises to find again. */
export function describeDurability(open: StoreOpener): void {
  const start = async ({ skip }: TestContext) => {
    const { store, reopen } = await openForTest(open);
    if (reopen === undefined) return skip('this store leaves nothing behind');
    return { store, reopen };
  };

  it('[ST90] finds everything again as it was committed', async (context) => {
    const { store, reopen } = await start(context);
    await fill(store);
    const before = await readState(store);
    expect(before.entities.flat()).toHaveLength(kinds.length);
    expect(before.entries.flat()).toHaveLength(logKinds.length * 2);
    expect(before.events.flat().length).toBeGreaterThan(eventNames.length);
    const next = await reopen();
    expect(await readState(next)).toStrictEqual(before);
    expect(await readState(await reopen())).toStrictEqual(before);
  });

  it('[ST91] does not bring back what was deleted, dropped, or never committed', async (context) => {
    const { store, reopen } = await start(context);
    await writeInTransaction(store, async (tx) => {
      for (const id of ['task_a', 'task_b']) await tx.tasks.insert({ ...samples.tasks(), id });
      for (const id of ['sess_a', 'sess_b'])
        await tx.timeline.append(id, sampleProjectId, logSamples.timeline());
    });
    await writeInTransaction(store, async (tx) => {
      await tx.tasks.delete('task_a');
      await tx.timeline.drop('sess_a', sampleProjectId);
    });
    const failing = writeInTransaction(store, async (tx) => {
      await tx.tasks.insert({ ...samples.tasks(), id: 'task_c' });
      await tx.timeline.append('sess_b', sampleProjectId, logSamples.timeline());
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const next = await reopen();
    await next.read(async (reader) => {
      expect((await reader.tasks.list({ limit: 9 })).items.map((task) => task.id)).toStrictEqual(['task_b']);
      expect(await reader.timeline.count('sess_a')).toBe(0);
      expect(await reader.timeline.count('sess_b')).toBe(1);
    });
  });

  it('[ST92] goes on where it was: versions, numbers of entries, numbers and epochs of events', async (context) => {
    const { store, reopen } = await start(context);
    const changeOnce = async (of: Store) =>
      writeInTransaction(of, async (tx) => {
        const task = await tx.tasks.get('task_a');
        if (task === undefined) await tx.tasks.insert({ ...samples.tasks(), id: 'task_a' });
        else await tx.tasks.update(task);
        const n = await tx.contents.append('sess_a', sampleProjectId, logSamples.contents());
        tx.emit('task:deleted', eventSamples['task:deleted']);
        return { version: (task?.version ?? 0) + 1, n };
      });
    const head = (of: Store) => of.read((reader) => reader.events.head(sampleStream));
    expect(await changeOnce(store)).toStrictEqual({ version: 1, n: 1 });
    const { epoch } = await head(store);
    let current = store;
    for (const count of [2, 3, 4]) {
      current = await reopen();
      expect(await changeOnce(current)).toStrictEqual({ version: count, n: count });
      expect(await head(current)).toStrictEqual({ epoch, seq: count });
    }
    expect((await readEvents(current, sampleStream)).map((event) => event.seq)).toStrictEqual([1, 2, 3, 4]);
  });

  it('[ST93] tells no listener again what was committed before it was opened', async (context) => {
    const { store, reopen } = await start(context);
    await fill(store);
    const next = await reopen();
    const ear = recordCommits(next);
    await writeInTransaction(next, async (tx) => tx.emit('task:deleted', eventSamples['task:deleted']));
    await ear.waitForEvents(1);
    expect(ear.events()).toStrictEqual((await readEvents(next, sampleStream)).slice(-1));
  });
}

async function fill(store: Store): Promise<void> {
  await writeInTransaction(store, async (tx) => {
    for (const kind of kinds) await insertSample(tx, kind);
    for (const name of eventNames) tx.emit(name, eventSamples[name]);
    for (const id of ['sess_a', 'sess_b']) {
      await tx.timeline.append(id, sampleProjectId, logSamples.timeline());
      await tx.activity.append(id, sampleProjectId, logSamples.activity());
      await tx.contents.append(id, sampleProjectId, logSamples.contents());
    }
  });
}

function readState(store: Store) {
  return store.read((reader) => readEverything(reader, ['sess_a', 'sess_b']));
}
