import { expect, it } from 'vitest';
import type { Reader, Transaction } from '../../../src/application/store/store.ts';
import type { Stream } from '../../../src/domain/channel.ts';
import { eventNames, streamsOfEvent } from '../../../src/domain/events.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { logSamples, sampleProjectId, samples } from '../../support/samples/samples.ts';
import { otherProjectId } from '../../support/samples/variants.ts';
import { sampleStreams } from './read-everything.ts';
import {
  openForTest,
  otherSampleStream,
  readEvents,
  type StoreOpener,
  sampleStream,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store refuses to do through a view or a transaction. */
export function describeHandles(open: StoreOpener): void {
  const unlocked: readonly [string, readonly Stream[], (tx: Transaction) => Promise<unknown>][] = [
    ['insert', [otherSampleStream], (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_new' })],
    ['update', [otherSampleStream], async (tx) => tx.tasks.update(await requireTask(tx))],
    ['delete', [otherSampleStream], (tx) => tx.tasks.delete('task_sample')],
    [
      'update into another project',
      [sampleStream],
      async (tx) => tx.tasks.update({ ...(await requireTask(tx)), projectId: otherProjectId }),
    ],
    [
      'update out of another project',
      [otherSampleStream],
      async (tx) => tx.tasks.update({ ...(await requireTask(tx)), projectId: otherProjectId }),
    ],
    ['insert of a project', [sampleStream], (tx) => tx.projects.insert(samples.projects())],
    ['insert into the workspace', [sampleStream], (tx) => tx.tokens.insert(samples.tokens())],
    [
      'append',
      [otherSampleStream],
      (tx) => tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline()),
    ],
    ['drop', [otherSampleStream], (tx) => tx.timeline.drop('sess_sample', sampleProjectId)],
  ];

  for (const [what, locked, change] of unlocked) {
    it(`[ST10] refuses a change in a stream that is not locked: ${what}`, async () => {
      const { store } = await openForTest(open);
      await writeInTransaction(store, async (tx) => {
        await tx.tasks.insert({ ...samples.tasks(), id: 'task_sample' });
        await tx.timeline.append('sess_sample', sampleProjectId, logSamples.timeline());
      });
      const refused = expect.objectContaining({
        code: 'INTERNAL_ERROR',
        message: expect.stringMatching(/^[A-Z].*\.$/),
      });
      for (const streams of [[], locked]) {
        await expect(writeInTransaction(store, change, streams)).rejects.toEqual(refused);
      }
      await store.read(async (reader) => {
        expect((await reader.tasks.list({ limit: 9 })).items).toMatchObject([
          { id: 'task_sample', version: 1 },
        ]);
        expect(await reader.timeline.count('sess_sample')).toBe(1);
        expect(await reader.timeline.count('sess_a')).toBe(0);
        expect((await reader.projects.list({ limit: 9 })).items).toStrictEqual([]);
        expect((await reader.tokens.list({ limit: 9 })).items).toStrictEqual([]);
      });
    });
  }

  it('[ST11] refuses an event unless each of its streams is locked', async () => {
    const { store } = await openForTest(open);
    for (const name of eventNames) {
      const emit = async (tx: Transaction) => tx.emit(name, eventSamples[name]);
      for (const lacking of streamsOfEvent(name, eventSamples[name])) {
        const others = sampleStreams.filter((other) => other !== lacking);
        await expect(writeInTransaction(store, emit, others), name).rejects.toMatchObject({
          code: 'INTERNAL_ERROR',
        });
      }
    }
    expect(await readEvents(store, sampleStream)).toStrictEqual([]);
    expect(await readEvents(store, 'workspace')).toStrictEqual([]);
  });

  it('[ST12] needs no lock for what belongs to nobody', async () => {
    const { store } = await openForTest(open);
    await writeInTransaction(store, (tx) => tx.attempts.insert({ ...samples.attempts(), id: 'evt_a' }), []);
    await writeInTransaction(store, (tx) => tx.attempts.delete('evt_a'), []);
  });

  it('[ST13] locks a stream as often as asked, and nothing that is no stream', async () => {
    const { store } = await openForTest(open);
    await writeInTransaction(store, (tx) => tx.tasks.insert(samples.tasks()), [sampleStream, sampleStream]);
    for (const name of ['', 'project:', 'project:../x', 'project:a/b', 'task:a', 'elsewhere', 'WORKSPACE']) {
      // What the types forbid, as it may come out of an id that was not checked.
      await expect(
        writeInTransaction(store, async () => {}, [name as Stream]),
        name,
      ).rejects.toThrow();
      await expect(readEvents(store, name as Stream), name).rejects.toThrow();
    }
  });

  const uses: readonly [string, (tx: Transaction) => Promise<unknown>][] = [
    ['get', (tx) => tx.tasks.get('task_a')],
    ['list', (tx) => tx.tasks.list({ limit: 1 })],
    ['insert', (tx) => tx.tasks.insert(samples.tasks())],
    ['insert of what needs no lock', (tx) => tx.attempts.insert(samples.attempts())],
    ['update', (tx) => tx.tasks.update(samples.tasks())],
    ['delete', (tx) => tx.tasks.delete('task_sample')],
    ['count', (tx) => tx.timeline.count('sess_a')],
    ['read', (tx) => tx.timeline.read('sess_a', 0, 1)],
    ['append', (tx) => tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline())],
    ['drop', (tx) => tx.timeline.drop('sess_a', sampleProjectId)],
    ['head', (tx) => tx.events.head(sampleStream)],
    ['events', (tx) => tx.events.read(sampleStream, 0, 1)],
    ['lock', (tx) => tx.lock(otherSampleStream)],
    ['emit', async (tx) => tx.emit('task:created', eventSamples['task:created'])],
  ];

  for (const [what, use] of uses) {
    it(`[ST14] is dead once it ended: ${what}`, async () => {
      const { store } = await openForTest(open);
      const ended: Transaction[] = [];
      await writeInTransaction(store, async (tx) => ended.push(tx));
      const failing = writeInTransaction(store, async (tx) => {
        ended.push(tx);
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      for (const tx of ended) await expect(use(tx)).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
      expect((await store.read((reader) => reader.attempts.list({ limit: 1 }))).items).toStrictEqual([]);
    });
  }

  it('[ST15] ends a view with the work it was given to', async () => {
    const { store } = await openForTest(open);
    const ended: Reader[] = [];
    await store.read(async (reader) => ended.push(reader));
    for (const reader of ended) {
      const reads = [
        () => reader.tasks.get('task_a'),
        () => reader.tasks.list({ limit: 1 }),
        () => reader.timeline.count('sess_a'),
        () => reader.timeline.read('sess_a', 0, 1),
        () => reader.events.head(sampleStream),
        () => reader.events.read(sampleStream, 0, 1),
      ];
      for (const read of reads) await expect(read()).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    }
  });

  it('[ST16] throws what the work of a view throws, and reads on', async () => {
    const { store } = await openForTest(open);
    const fault = new Error('lost interest');
    const failing = store.read(async (reader) => {
      await reader.tasks.get('task_a');
      throw fault;
    });
    await expect(failing).rejects.toBe(fault);
    expect((await store.read((reader) => reader.tasks.list({ limit: 1 }))).items).toStrictEqual([]);
  });
}

async function requireTask(tx: Transaction) {
  const task = await tx.tasks.get('task_sample');
  if (task === undefined) throw new Error('the task is gone');
  return task;
}
