import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import type { Store } from '../../../../src/application/store/store.ts';
import { eventSamples } from '../../../support/samples/event-samples.ts';
import { logSamples, sampleProjectId, samples } from '../../../support/samples/samples.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { writeInTransaction } from '../../contract/store-under-test.ts';
import { type FileOperation, traceFileSystem } from '../disk/file-system-trace.ts';
import { openStoreIn } from '../disposable-store.ts';

async function change(store: Store, id: string): Promise<void> {
  await writeInTransaction(store, async (tx) => {
    await tx.tasks.insert({ ...samples.tasks(), id });
    await tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline());
    tx.emit('task:created', eventSamples['task:created']);
  });
}

/** The places in the trace where this was done, to a path that fits. */
function places(trace: readonly FileOperation[], what: FileOperation['operation'], path: RegExp): number[] {
  return trace.flatMap((done, i) => (done.operation === what && path.test(done.path) ? [i] : []));
}

it('[JS17] syncs every file and name that a checkpoint counts on before it notes that, and removes only after', async () => {
  const dataDir = await createTempFolder();
  const filling = await openStoreIn(dataDir);
  await change(filling, 'task_a');
  await filling.close();
  const { files, trace } = traceFileSystem();
  const store = await openStoreIn(dataDir, { files });
  await change(store, 'task_b');
  await writeInTransaction(store, (tx) => tx.tasks.delete('task_a'));
  trace.length = 0;
  await store.close();

  const noted = places(trace, 'replace', /checkpoint\.json$/).at(-1) ?? -1;
  const named = [
    ...places(trace, 'replace', /task_b\.json$/),
    ...places(trace, 'create', /\/(timelines|events)\//),
    ...places(trace, 'move', /task_a\.json$/),
  ];
  expect(named).toHaveLength(4);
  for (const place of named) {
    const { operation, path } = trace[place] as FileOperation;
    const synced = trace.findIndex(
      (done, i) => i > place && done.operation === 'syncFolder' && done.path === dirname(path),
    );
    expect(synced, `${operation} ${path}`).toBeGreaterThan(place);
    expect(synced, `${operation} ${path}`).toBeLessThan(noted);
  }
  for (const place of places(trace, 'append', /\/(timelines|events)\//)) {
    const synced = trace.findIndex(
      (done, i) => i > place && done.operation === 'sync' && done.path === trace[place]?.path,
    );
    expect(synced).toBeGreaterThan(place);
    expect(synced).toBeLessThan(noted);
  }
  const rootSynced = trace.findIndex(
    (done, i) => i > noted && done.operation === 'syncFolder' && done.path === dataDir,
  );
  const removed = places(trace, 'remove', /\/(journal|trash)\//);
  expect(removed.length).toBeGreaterThan(0);
  for (const place of removed) expect(place).toBeGreaterThan(rootSynced);
  expect(rootSynced).toBeGreaterThan(noted);
});

it('[JS18] syncs a new segment and its name before a transaction in it is acknowledged', async () => {
  const dataDir = await createTempFolder();
  const { files, trace } = traceFileSystem();
  const store = await openStoreIn(dataDir, { files, segmentBytes: 1 });
  await change(store, 'task_a');
  trace.length = 0;
  await change(store, 'task_b');
  const ofJournal = trace.filter(({ path }) => path.includes('/journal'));
  expect(ofJournal.map(({ operation }) => operation)).toStrictEqual([
    'create',
    'append',
    'sync',
    'syncFolder',
    'append',
    'sync',
  ]);
});
