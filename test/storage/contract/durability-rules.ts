import { expect, it, type TestContext } from 'vitest';
import { kinds, logKinds } from '../../../src/application/store/collections.ts';
import type { Store } from '../../../src/application/store/store.ts';
import { eventNames } from '../../../src/domain/events.ts';
import { eventSamples } from '../../support/event-samples.ts';
import { listen } from '../../support/listen.ts';
import { logSamples, sampleProject, samples } from '../../support/samples.ts';
import { everything } from './everything.ts';
import { eventsOf, insertSample, type OpenStore, openForTest, stream, write } from './opened-store.ts';

/** What every store that leaves something behind promises to find again. */
export function describeDurability(open: OpenStore): void {
  const start = async ({ skip }: TestContext) => {
    const { store, reopen } = await openForTest(open);
    if (reopen === undefined) return skip('this store leaves nothing behind');
    return { store, reopen };
  };

  it('[ST90] finds everything again as it was committed', async (context) => {
    const { store, reopen } = await start(context);
    await fill(store);
    const before = await look(store);
    expect(before.entities.flat()).toHaveLength(kinds.length);
    expect(before.entries.flat()).toHaveLength(logKinds.length * 2);
    expect(before.events.flat().length).toBeGreaterThan(eventNames.length);
    const next = await reopen();
    expect(await look(next)).toStrictEqual(before);
    expect(await look(await reopen())).toStrictEqual(before);
  });

  it('[ST91] does not bring back what was deleted, dropped, or never committed', async (context) => {
    const { store, reopen } = await start(context);
    await write(store, async (tx) => {
      for (const id of ['task_a', 'task_b']) await tx.tasks.insert({ ...samples.tasks(), id });
      for (const id of ['sess_a', 'sess_b'])
        await tx.timeline.append(id, sampleProject, logSamples.timeline());
    });
    await write(store, async (tx) => {
      await tx.tasks.delete('task_a');
      await tx.timeline.drop('sess_a', sampleProject);
    });
    const failing = write(store, async (tx) => {
      await tx.tasks.insert({ ...samples.tasks(), id: 'task_c' });
      await tx.timeline.append('sess_b', sampleProject, logSamples.timeline());
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
      write(of, async (tx) => {
        const task = await tx.tasks.get('task_a');
        if (task === undefined) await tx.tasks.insert({ ...samples.tasks(), id: 'task_a' });
        else await tx.tasks.update(task);
        const n = await tx.contents.append('sess_a', sampleProject, logSamples.contents());
        tx.emit('task:deleted', eventSamples['task:deleted']);
        return { version: (task?.version ?? 0) + 1, n };
      });
    const head = (of: Store) => of.read((reader) => reader.events.head(stream));
    expect(await changeOnce(store)).toStrictEqual({ version: 1, n: 1 });
    const { epoch } = await head(store);
    let current = store;
    for (const count of [2, 3, 4]) {
      current = await reopen();
      expect(await changeOnce(current)).toStrictEqual({ version: count, n: count });
      expect(await head(current)).toStrictEqual({ epoch, seq: count });
    }
    expect((await eventsOf(current, stream)).map((event) => event.seq)).toStrictEqual([1, 2, 3, 4]);
  });

  it('[ST93] tells no listener again what was committed before it was opened', async (context) => {
    const { store, reopen } = await start(context);
    await fill(store);
    const next = await reopen();
    const ear = listen(next);
    await write(next, async (tx) => tx.emit('task:deleted', eventSamples['task:deleted']));
    await ear.heard(1);
    expect(ear.events()).toStrictEqual((await eventsOf(next, stream)).slice(-1));
  });
}

async function fill(store: Store): Promise<void> {
  await write(store, async (tx) => {
    for (const kind of kinds) await insertSample(tx, kind);
    for (const name of eventNames) tx.emit(name, eventSamples[name]);
    for (const id of ['sess_a', 'sess_b']) {
      await tx.timeline.append(id, sampleProject, logSamples.timeline());
      await tx.activity.append(id, sampleProject, logSamples.activity());
      await tx.contents.append(id, sampleProject, logSamples.contents());
    }
  });
}

function look(store: Store) {
  return store.read((reader) => everything(reader, ['sess_a', 'sess_b']));
}
