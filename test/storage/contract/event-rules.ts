import { expect, it } from 'vitest';
import type { EventRecord, Store, Transaction } from '../../../src/application/store/store.ts';
import { events as catalogue, eventNames, streamsOfEvent } from '../../../src/domain/events.ts';
import { formatPosition, parsePosition } from '../../../src/domain/position.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { samples } from '../../support/samples/samples.ts';
import { recordCommits } from '../../support/stores/commit-recorder.ts';
import {
  openForTest,
  otherSampleStream,
  readEvents,
  type StoreOpener,
  sampleStream,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store promises about the events it commits. */
export function describeEvents(open: StoreOpener): void {
  it('[ST70] records every event of the catalogue as it was emitted, in each stream of its channels', async () => {
    const { store } = await openForTest(open);
    const { value: now } = await store.transaction('ada', async (tx) => {
      await tx.lock('workspace');
      await tx.lock(sampleStream);
      for (const name of eventNames) tx.emit(name, eventSamples[name]);
      return tx.now;
    });
    for (const name of eventNames) {
      expect(catalogue[name].data.safeParse(eventSamples[name]).success, name).toBe(true);
    }
    for (const name of [sampleStream, 'workspace'] as const) {
      const expected = eventNames.filter((event) =>
        streamsOfEvent(event, eventSamples[event]).includes(name),
      );
      expect(await readEvents(store, name)).toStrictEqual(
        expected.map((event, i) => ({
          stream: name,
          seq: i + 1,
          name: event,
          data: eventSamples[event],
          timestamp: now,
          actor: 'ada',
        })),
      );
    }
    expect(await readEvents(store, otherSampleStream)).toStrictEqual([]);
  });

  it('[ST71] numbers the events of each stream 1, 2, 3, … without holes, in the order of their commits', async () => {
    const { store } = await openForTest(open);
    const commits: string[] = [];
    await Promise.allSettled(
      Array.from({ length: 40 }, async (_, i) => {
        const { positions } = await store.transaction('tester', async (tx) => {
          await tx.lock(sampleStream);
          for (const part of ['first', 'second']) emitTask(tx, `task_${i}_${part}`);
          if (i % 4 === 0) throw new Error('changed my mind');
        });
        const end = positions.get(sampleStream)?.seq ?? 0;
        commits[end - 2] = `task_${i}_first`;
        commits[end - 1] = `task_${i}_second`;
      }),
    );
    const events = await readEvents(store, sampleStream);
    expect(events.map((event) => event.seq)).toStrictEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(events.map(taskOf)).toStrictEqual(commits);
  });

  it('[ST72] tells where each locked stream ended, with events or without', async () => {
    const { store } = await openForTest(open);
    const commit = (work: (tx: Transaction) => void) =>
      store.transaction('tester', async (tx) => {
        await tx.lock(sampleStream);
        await tx.lock('workspace');
        work(tx);
      });
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_a'));
    const { positions } = await commit((tx) => {
      for (const id of ['task_b', 'task_c']) emitTask(tx, id);
    });
    const quiet = await commit(() => {});
    const heads = await store.read(async (reader) => [
      await reader.events.head(sampleStream),
      await reader.events.head('workspace'),
    ]);
    expect(heads.map((head) => head.seq)).toStrictEqual([3, 0]);
    for (const told of [positions, quiet.positions]) {
      expect(told).toStrictEqual(
        new Map([
          [sampleStream, heads[0]],
          ['workspace', heads[1]],
        ]),
      );
    }
    expect((await store.transaction('tester', async () => {})).positions).toStrictEqual(new Map());
  });

  it('[ST73] gives each stream a random epoch, from before its first event', async () => {
    const { store } = await openForTest(open);
    const { store: another } = await openForTest(open);
    const head = (of: Store, name: typeof sampleStream) => of.read((reader) => reader.events.head(name));
    const before = await head(store, sampleStream);
    expect(before.seq).toBe(0);
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_a'));
    const after = await head(store, sampleStream);
    expect(after).toStrictEqual({ epoch: before.epoch, seq: 1 });
    expect(parsePosition(formatPosition(after))).toStrictEqual(after);
    const others = [
      await head(store, otherSampleStream),
      await head(store, 'workspace'),
      await head(another, sampleStream),
    ];
    expect(new Set([after, ...others].map((position) => position.epoch)).size).toBe(4);
  });

  it('[ST74] reads the events behind a number, oldest first, as many as asked for', async () => {
    const { store } = await openForTest(open);
    await writeInTransaction(store, async (tx) => {
      for (let i = 1; i <= 6; i++) emitTask(tx, `task_${i}`);
    });
    const all = await readEvents(store, sampleStream);
    const read = (after: number, limit: number) =>
      store.read((reader) => reader.events.read(sampleStream, after, limit));
    for (let after = 0; after <= 6; after++) {
      for (const limit of [1, 2, 6, 100]) {
        expect(await read(after, limit)).toStrictEqual(all.slice(after, after + limit));
      }
    }
    await expect(read(7, 1)).rejects.toMatchObject({ code: 'POSITION_LOST' });
  });

  it('[ST75] keeps as many events as it was told, and says when those asked for are gone', async () => {
    const { store } = await openForTest(open, { retention: { events: 3, ageMs: 1_000_000_000 } });
    for (let i = 1; i <= 5; i++) await writeInTransaction(store, async (tx) => emitTask(tx, `task_${i}`));
    expect((await readEvents(store, sampleStream, 2)).map(taskOf)).toStrictEqual([
      'task_3',
      'task_4',
      'task_5',
    ]);
    for (const after of [0, 1]) {
      await expect(readEvents(store, sampleStream, after)).rejects.toMatchObject({ code: 'POSITION_LOST' });
    }
    expect(await store.read((reader) => reader.events.head(sampleStream))).toMatchObject({ seq: 5 });
  });

  it('[ST76] keeps no event beyond the age it was told once another is committed', async () => {
    const { store } = await openForTest(open, { retention: { events: 1_000_000, ageMs: 1 } });
    const emit = () =>
      writeInTransaction(store, async (tx) => {
        emitTask(tx, 'task_a');
        return tx.now;
      });
    const first = await emit();
    let last = first;
    while (last < first + 2) last = await emit();
    await expect(readEvents(store, sampleStream)).rejects.toMatchObject({ code: 'POSITION_LOST' });
  });

  it('[ST77] shares no event with its callers, and forgets what is undefined in it', async () => {
    const { store } = await openForTest(open);
    const ear = recordCommits(store);
    await writeInTransaction(store, async (tx) => {
      const data = { ...eventSamples['queue:item_failed'], reason: undefined };
      tx.emit('queue:item_failed', data);
      data.index = 99;
    });
    const { reason: _, ...plain } = eventSamples['queue:item_failed'];
    await ear.waitForEvents(1);
    for (const event of [...ear.events(), ...(await readEvents(store, sampleStream))]) {
      expect(event.data).toStrictEqual(plain);
      expect(Object.isFrozen(event) && Object.isFrozen(event.data)).toBe(true);
    }
  });

  it('[ST78] shows a transaction no event of its own', async () => {
    const { store } = await openForTest(open);
    await writeInTransaction(store, async (tx) => emitTask(tx, 'task_a'));
    await writeInTransaction(store, async (tx) => {
      emitTask(tx, 'task_b');
      expect((await tx.events.head(sampleStream)).seq).toBe(1);
      expect((await tx.events.read(sampleStream, 0, 9)).map(taskOf)).toStrictEqual(['task_a']);
    });
  });

  it('[ST79] keeps the events of what is deleted', async () => {
    const { store } = await openForTest(open);
    const project = { ...samples.projects(), id: 'proj_sample' };
    await writeInTransaction(store, async (tx) => {
      await tx.projects.insert(project);
      tx.emit('project:created', { ...project, projectId: project.id });
    });
    await writeInTransaction(store, async (tx) => {
      await tx.projects.delete(project.id);
      tx.emit('project:deleted', { id: project.id, projectId: project.id });
    });
    const names = (await readEvents(store, sampleStream)).map((event) => event.name);
    expect(names).toStrictEqual(['project:created', 'project:deleted']);
  });
}

function emitTask(tx: Transaction, id: string): void {
  tx.emit('task:deleted', { ...eventSamples['task:deleted'], id });
}

function taskOf(event: EventRecord): unknown {
  return event.name === 'task:deleted' ? event.data.id : event.name;
}
