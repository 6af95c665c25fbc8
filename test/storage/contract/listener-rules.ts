import { expect, it } from 'vitest';
import type { EventRecord, Transaction } from '../../../src/application/store/store.ts';
import { eventSamples } from '../../support/event-samples.ts';
import { gate } from '../../support/gate.ts';
import { listen } from '../../support/listen.ts';
import { eventsOf, type OpenStore, openForTest, otherStream, stream, write } from './opened-store.ts';

/** What every store promises to who listens for commits. */
export function describeListeners(open: OpenStore): void {
  it('[ST80] tells every listener each committed event once, in the order of its stream', async () => {
    const { store } = await openForTest(open);
    const listeners = [listen(store), listen(store)];
    await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        write(store, async (tx) => {
          emitTask(tx, `task_${i}_first`);
          emitTask(tx, `task_${i}_second`);
          if (i % 4 === 0) throw new Error('changed my mind');
        }),
      ),
    );
    for (const ear of listeners) {
      await ear.heard(60);
      expect(ear.events()).toStrictEqual(await eventsOf(store, stream));
    }
  });

  it('[ST81] tells the events of one transaction in one call, those of each of its streams', async () => {
    const { store } = await openForTest(open);
    const ear = listen(store);
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        write(store, async (tx) => {
          emitTask(tx, `task_${i}`);
          tx.emit('project:updated', eventSamples['project:updated']);
          tx.emit('task:deleted', { id: `task_${i}`, projectId: 'proj_other' });
        }),
      ),
    );
    await ear.heard(40);
    for (const events of ear.calls) {
      const per = (name: string) => events.filter((event) => event.stream === name).length;
      expect([per(stream), per('workspace'), per(otherStream)]).toStrictEqual([
        (events.length / 4) * 2,
        events.length / 4,
        events.length / 4,
      ]);
    }
    for (const name of [stream, 'workspace', otherStream] as const) {
      const heard = ear.events().filter((event) => event.stream === name);
      expect(heard).toStrictEqual(await eventsOf(store, name));
    }
  });

  it('[ST82] tells nothing that cannot be read yet', async () => {
    const { store } = await openForTest(open);
    const told: { heard: readonly EventRecord[]; read: Promise<readonly EventRecord[]> }[] = [];
    const all = gate();
    store.onCommit((heard) => {
      told.push({ heard, read: eventsOf(store, stream) });
      if (told.flatMap((call) => call.heard).length === 3) all.open();
    });
    for (const id of ['task_a', 'task_b', 'task_c']) await write(store, async (tx) => emitTask(tx, id));
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
    const ear = listen(store);
    await write(store, async (tx) => emitTask(tx, 'task_a'));
    await write(store, async (tx) => emitTask(tx, 'task_b'));
    await ear.heard(2);
    expect(ear.events()).toHaveLength(2);
    expect(thrown).toBeGreaterThan(0);
    expect(store.health().status).toBe('ok');
  });

  it('[ST84] tells nothing more to who stopped listening, and nothing of what happened before', async () => {
    const { store } = await openForTest(open);
    await write(store, async (tx) => emitTask(tx, 'task_a'));
    const early = listen(store);
    const late = listen(store);
    await write(store, async (tx) => emitTask(tx, 'task_b'));
    await early.heard(1);
    early.stop();
    early.stop();
    await write(store, async (tx) => emitTask(tx, 'task_c'));
    await late.heard(2);
    expect(early.events().map((event) => event.seq)).toStrictEqual([2]);
    expect(late.events().map((event) => event.seq)).toStrictEqual([2, 3]);
  });

  it('[ST85] is silent about transactions without events', async () => {
    const { store } = await openForTest(open);
    const ear = listen(store);
    await write(store, async () => {});
    await write(store, async (tx) => emitTask(tx, 'task_a'));
    await ear.heard(1);
    expect(ear.calls).toHaveLength(1);
  });

  it('[ST86] may be used by a listener, also to commit something more', async () => {
    const { store } = await openForTest(open);
    const ear = listen(store);
    const more: Promise<void>[] = [];
    store.onCommit((events) => {
      for (const event of events) {
        if (event.seq > 3) continue;
        more.push(write(store, async (tx) => emitTask(tx, `task_${event.seq}`), [stream]));
      }
    });
    await write(store, async (tx) => emitTask(tx, 'task_a'), [stream]);
    await ear.heard(4);
    await Promise.all(more);
    expect((await eventsOf(store, stream)).map((event) => event.seq)).toStrictEqual([1, 2, 3, 4]);
  });
}

function emitTask(tx: Transaction, id: string): void {
  tx.emit('task:deleted', { ...eventSamples['task:deleted'], id });
}
