import { readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Store } from '../../../../src/application/store/store.ts';
import { DamageError } from '../../../../src/storage/json/disk/damage-error.ts';
import { eventSamples } from '../../../support/samples/event-samples.ts';
import { sampleProjectId, samples } from '../../../support/samples/samples.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { readEvents, sampleStream, writeInTransaction } from '../../contract/store-under-test.ts';
import { spyOnFileSystem } from '../disk/file-system-spy.ts';
import { openStoreIn } from '../disposable-store.ts';

const timeline = ['timelines', 'sess_a'];

function entry(n: number, message = `Entry ${n}.`) {
  return { id: `evt_${n}`, type: 'progress', timestamp: n, message } as const;
}

async function append(store: Store, from: number, count: number, message?: string): Promise<void> {
  await writeInTransaction(store, async (tx) => {
    for (let n = from; n < from + count; n++)
      await tx.timeline.append('sess_a', sampleProjectId, entry(n, message));
  });
}

function read(store: Store, after: number, limit: number) {
  return store.read((reader) => reader.timeline.read('sess_a', after, limit));
}

it('[JS60] keeps a log as lines of JSON, each entry one, in files of the term that wrote them', async () => {
  const dataDir = await createTempFolder();
  for (const first of [1, 3]) {
    const store = await openStoreIn(dataDir);
    await append(store, first, 2);
    await store.close();
  }
  const folder = join(dataDir, ...timeline);
  const names = await readdir(folder);
  expect(names.sort()).toStrictEqual(['00000001-00000001.ndjson', '00000002-00000001.ndjson']);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const entries = texts.join('').trimEnd().split('\n');
  expect(entries.map((line) => JSON.parse(line))).toStrictEqual([1, 2, 3, 4].map((n) => entry(n)));
});

it('[JS61] appends and reads at the cost of the entry, however long the log is', async () => {
  const dataDir = await createTempFolder();
  const spied = spyOnFileSystem();
  const message = 'x'.repeat(150);
  const costs: number[] = [];
  let length = 0;
  for (const target of [100, 20_000]) {
    const filling = await openStoreIn(dataDir, { files: spied.files });
    await append(filling, length + 1, target - length, message);
    await filling.close();
    const store = await openStoreIn(dataDir, { files: spied.files });
    for (const after of [0, target >> 1, target - 1]) {
      spied.logBytesRead = 0;
      expect(await read(store, after, 1)).toStrictEqual([{ n: after + 1, entry: entry(after + 1, message) }]);
      expect(spied.logBytesRead).toBeLessThan(70_000);
    }
    spied.appendedBytes = 0;
    await append(store, target + 1, 1, message);
    await store.close();
    costs.push(spied.appendedBytes);
    length = target + 1;
  }
  expect(Math.abs((costs[1] ?? 0) - (costs[0] ?? 0))).toBeLessThan(200);
});

it('[JS62] reads the newest entries of a log that is in use without a look at its files', async () => {
  const spied = spyOnFileSystem();
  const store = await openStoreIn(await createTempFolder(), { files: spied.files, checkpointBytes: 1 });
  for (let n = 1; n <= 40; n++) await append(store, n, 1);
  spied.logBytesRead = 0;
  expect((await read(store, 20, 20)).map((item) => item.n)).toHaveLength(20);
  expect(spied.logBytesRead).toBe(0);
  expect((await read(store, 0, 40)).map((item) => item.entry)).toStrictEqual(
    Array.from({ length: 40 }, (_, i) => entry(i + 1)),
  );
});

it('[JS63] reads entries of any length', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  const lengths = [1, 70_000, 5_000_000, 3, 64 * 1024, 2, 5_000_000, 4];
  await writeInTransaction(store, async (tx) => {
    for (const length of lengths) {
      const content = 'ü'.repeat(length);
      await tx.contents.append('sess_a', sampleProjectId, { documentId: 'doc_a', content });
    }
  });
  await store.close();
  const next = await openStoreIn(dataDir);
  for (const [i, length] of lengths.entries()) {
    const [item] = await next.read((reader) => reader.contents.read('sess_a', i, 1));
    expect(item?.entry.content.length).toBe(length);
  }
});

it('[JS64] takes the files of a dropped log away', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  await append(store, 1, 3);
  await store.close();
  const again = await openStoreIn(dataDir);
  await writeInTransaction(again, (tx) => tx.timeline.drop('sess_a', sampleProjectId));
  await again.close();
  expect(await readdir(join(dataDir, 'timelines'))).toStrictEqual([]);
  const last = await openStoreIn(dataDir);
  await append(last, 1, 1);
  expect(await read(last, 0, 9)).toStrictEqual([{ n: 1, entry: entry(1) }]);
});

it('[JS65] takes no notice of lines behind the end that a checkpoint counted', async () => {
  const dataDir = await createTempFolder();
  const spied = spyOnFileSystem();
  const store = await openStoreIn(dataDir, { files: spied.files, checkpointIntervalMs: 100_000_000 });
  await append(store, 1, 2);
  spied.before.replace = (path) => {
    if (path.endsWith('checkpoint.json')) throw new Error('no space left');
  };
  await store.close();
  expect((await readdir(join(dataDir, ...timeline))).length).toBe(1);
  const next = await openStoreIn(dataDir);
  await append(next, 3, 1);
  expect((await read(next, 0, 9)).map((item) => item.n)).toStrictEqual([1, 2, 3]);
  await next.close();
  expect((await read(await openStoreIn(dataDir), 0, 9)).map((item) => item.n)).toStrictEqual([1, 2, 3]);
});

it('[JS66] refuses to start when the file of a log is missing or too short', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  await append(store, 1, 5);
  await store.close();
  const file = 'timelines/sess_a/00000001-00000001.ndjson';
  await truncate(join(dataDir, file), 10);
  await expect(openStoreIn(dataDir)).rejects.toMatchObject({ location: { file } });
  await unlink(join(dataDir, file));
  await expect(openStoreIn(dataDir)).rejects.toThrow(DamageError);
});

it('[JS67] takes the files of events away that need not be kept, and keeps the others', async () => {
  const dataDir = await createTempFolder();
  const options = { retention: { events: 3, ageMs: 1_000_000 } };
  for (let round = 1; round <= 4; round++) {
    const store = await openStoreIn(dataDir, options);
    for (let i = 0; i < 2; i++) {
      await writeInTransaction(store, async (tx) => tx.emit('task:created', eventSamples['task:created']));
    }
    await store.close();
  }
  const names = await readdir(join(dataDir, 'events/projects', sampleProjectId));
  expect(names.sort()).toStrictEqual(['00000003-00000001.ndjson', '00000004-00000001.ndjson']);
  const store = await openStoreIn(dataDir, options);
  expect((await readEvents(store, sampleStream, 5)).map((event) => event.seq)).toStrictEqual([6, 7, 8]);
  await expect(readEvents(store, sampleStream, 4)).rejects.toMatchObject({ code: 'POSITION_LOST' });
});

it('[JS68] lets a view read a log to its end that is dropped and taken away meanwhile', async () => {
  const dataDir = await createTempFolder();
  const filling = await openStoreIn(dataDir);
  await append(filling, 1, 30);
  await filling.close();
  const store = await openStoreIn(dataDir, { checkpointBytes: 1 });
  let runs = 0;
  const seen = await store.read(async (reader) => {
    runs++;
    const count = await reader.timeline.count('sess_a');
    if (runs === 1) {
      await writeInTransaction(store, (tx) => tx.timeline.drop('sess_a', sampleProjectId));
      while ((await readdir(join(dataDir, 'timelines'))).length > 0)
        await writeInTransaction(store, (tx) => tx.tasks.insert(samples.tasks()));
    }
    return [count, (await reader.timeline.read('sess_a', 0, 100)).length];
  });
  expect(seen).toStrictEqual([0, 0]);
});
