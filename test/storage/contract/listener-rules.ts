import { expect, it } from 'vitest';
import type { EventRecord, Transaction } from '../../../src/application/store/store.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { recordCommits } from '../../support/stores/commit-recorder.ts';
import { createGate } from '../../support/time/gate.ts';
import {
  openForTest,
  otherSampleStream,
  readEvents,
  type StoreOpener,
  sampleStream,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store promises to who listens for commits. */
export function describeListeners(open: StoreOpener): void {
  it('[ST80] tells every listener each committed event once, in the order of its stream', async () => {
    const { store } = await openForTest(open);
    const listeners = [recordCommits(store), recordCommits(store)];
    await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        writeInTransaction(store, async (tx) => {
          emitTask(tx, `task_${i}_first`);
          emitTask(tx, `task_${i}_second`);
          if (i % 4 === 0) throw new Error('changed my mind');
        }),
      ),
    );
    for (const ear of listeners) {
      await ear.waitForEvents(60);
      expect(ear.events()).toStrictEqual(await readEvents(store, sampleStream));
    }
  });

  it('[ST81] tells the events of one transaction in one call, those of each of its streams', async () => {
    const { store } = await openForTest(open);
    const ear = recordCommits(store);
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        writeInTransaction(store, async (tx) => {
          emitTask(tx, `task_${i}`);
          tx.emit('project:updated', eventSamples['project:updated']);
          tx.emit('task:deleted', { id: `task_${i}`, projectId: 'proj_other' });
        }),
      ),
    );
    await ear.waitForEvents(40);
    for (const events of ear.batches) {
      const per = (name: string) => events.filter((event) => event.stream === name).length;
      expect([per(sampleStream), per('workspace'), per(otherSampleStream)]).toStrictEqual([
        (events.length / 4) * 2,
        events.length / 4,
        events.length / 4,
      ]);
    }
    for (const name of [sampleStream, 'workspace', otherSampleStream] as const) {
      const heard = ear.events().filter((event) => event.stream === name);
      expect(heard).toStrictEqual(await readEvents(store, name));
    }
  });

  it('[ST82] tells nothing that cannot be read yet', async () => {
    const { store } = await openForTest(open);
    const told: { heard: readonly EventRecord[]; read: Promise<readonly EventRecord[]> }[] = [];
    const all = createGate();
    store.onCommit((heard) => {
      told.push({ heard, read: readEvents(store, sampleStream) });
      if (told.flatMap((call) => call.heard).length === 3) all.open();
    });
    for (const id of ['task_a', 'task_b', 'task_c'])
      await writeInTransaction(store, async (tx) => emitTask(tx, id));
    await all.opened;
    for (const { heard, read } of told) expect(await read).toEqual(expect.arrayContaining([...heard]));
  });

  it('[ST83] lets no listener that throws disturb the writer or another listener', async () => {
    const { store } = await openForTest(open);
    let thrown = 0;
    store.onCommit(() => {
      thrown += 1;
      throw new Error('the listener broke');
    });
    const ear = recordCommits(store);
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_a'));
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_b'));
    await ear.waitForEvents(2);
    expect(ear.events()).toHaveLength(2);
    expect(thrown).toBeGreaterThan(0);
    expect(store.health().status).toBe('ok');
  });

  it('[ST84] tells nothing more to who stopped listening, and nothing of what happened before', async () => {
    const { store } = await openForTest(open);
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_a'));
    const early = recordCommits(store);
    const late = recordCommits(store);
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_b'));
    await early.waitForEvents(1);
    early.stop();
    early.stop();
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_c'));
    await late.waitForEvents(2);
    expect(early.events().map((event) => event.seq)).toStrictEqual([2]);
    expect(late.events().map((event) => event.seq)).toStrictEqual([2, 3]);
  });

  it('[ST85] is silent about transactions without events', async () => {
    const { store } = await openForTest(open);
    const ear = recordCommits(store);
    await writeInTransaction(store, async () => {});
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_a'));
    await ear.waitForEvents(1);
    expect(ear.batches).toHaveLength(1);
  });

  it('[ST86] may be used by a listener, also to commit something more', async () => {
    const { store } = await openForTest(open);
    const ear = recordCommits(store);
    const more: Promise<void>[] = [];
    store.onCommit((events) => {
      for (const event of events) {
        if (event.seq > 3) continue;
        more.push(writeInTransaction(store, async (tx) => emitTask(tx, `task_${event.seq}`), [sampleStream]));
      }
    });
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_a'), [sampleStream]);
    await ear.waitForEvents(4);
    await Promise.all(more);
    expect((await readEvents(store, sampleStream)).map((event) => event.seq)).toStrictEqual([1, 2, 3, 4]);
  });
}

function emitTask(tx: Transaction, id: string): void {
  tx.emit('task:deleted', { ...eventSamples['task:deleted'], id });
}
