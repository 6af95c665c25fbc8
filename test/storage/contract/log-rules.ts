import { describe, expect, it } from 'vitest';
import { type LogKind, logKinds, logs } from '../../../src/application/store/collections.ts';
import type { Store } from '../../../src/application/store/store.ts';
import { logSamples, sampleProjectId } from '../../support/samples/samples.ts';
import {
  logReaderOf,
  logRepositoryOf,
  openForTest,
  type StoreOpener,
  sampleStream,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store promises about logs, for every kind. */
export function describeLogs(open: StoreOpener): void {
  for (const kind of logKinds) describe(kind, () => describeLog(kind, open));

  it('[ST65] keeps the kinds of logs apart, also under one id', async () => {
    const { store } = await openForTest(open);
    await writeInTransaction(store, async (tx) => {
      await tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline());
      await tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline());
      await tx.activity.append('sess_a', sampleProjectId, logSamples.activity());
      await tx.contents.append('sess_a', sampleProjectId, logSamples.contents());
      await tx.activity.drop('sess_a', sampleProjectId);
    });
    const counts = await store.read(async (reader) =>
      Promise.all(logKinds.map((kind) => logReaderOf(reader, kind).count('sess_a'))),
    );
    expect(Object.fromEntries(logKinds.map((kind, i) => [kind, counts[i]]))).toMatchObject({
      timeline: 2,
      activity: 0,
      contents: 1,
    });
  });
}

function describeLog<L extends LogKind>(kind: L, open: StoreOpener): void {
  const append = (store: Store, id: string, count: number) =>
    writeInTransaction(
      store,
      async (tx) => {
        const numbers = [];
        for (let i = 0; i < count; i++) {
          numbers.push(await logRepositoryOf(tx, kind).append(id, sampleProjectId, logSamples[kind]()));
        }
        return numbers;
      },
      [sampleStream],
    );
  const count = (store: Store, id: string) => store.read((reader) => logReaderOf(reader, kind).count(id));
  const read = (store: Store, id: string, after: number, limit: number) =>
    store.read((reader) => logReaderOf(reader, kind).read(id, after, limit));

  it('[ST60] is empty before anything is appended', async () => {
    const { store } = await openForTest(open);
    expect(await count(store, 'sess_a')).toBe(0);
    expect(await read(store, 'sess_a', 0, 10)).toStrictEqual([]);
  });

  it('[ST61] numbers entries from 1 in the order they were appended, over all transactions', async () => {
    const { store } = await openForTest(open);
    expect(await append(store, 'sess_a', 3)).toStrictEqual([1, 2, 3]);
    expect(await append(store, 'sess_b', 1)).toStrictEqual([1]);
    expect(await append(store, 'sess_a', 2)).toStrictEqual([4, 5]);
    expect(await count(store, 'sess_a')).toBe(5);
  });

  it('[ST62] reads the entries behind a number, oldest first, as many as asked for', async () => {
    const { store } = await openForTest(open);
    const entries = Array.from({ length: 5 }, () => logSamples[kind]());
    for (const entry of entries) expect(logs[kind].entry.safeParse(entry).success).toBe(true);
    await writeInTransaction(store, async (tx) => {
      for (const entry of entries) await logRepositoryOf(tx, kind).append('sess_a', sampleProjectId, entry);
    });
    const items = entries.map((entry, i) => ({ n: i + 1, entry }));
    for (let after = 0; after <= 6; after++) {
      for (const limit of [0, 1, 2, 5, 100]) {
        const expected = items.slice(after, after + limit);
        expect(await read(store, 'sess_a', after, limit), `${after} ${limit}`).toStrictEqual(expected);
      }
    }
  });

  it('[ST63] drops a log whole; a later append begins at 1 again', async () => {
    const { store } = await openForTest(open);
    await append(store, 'sess_a', 3);
    await writeInTransaction(store, async (tx) => {
      await logRepositoryOf(tx, kind).drop('sess_a', sampleProjectId);
      expect(await logRepositoryOf(tx, kind).count('sess_a')).toBe(0);
      await logRepositoryOf(tx, kind).drop('sess_none', sampleProjectId);
    });
    expect(await count(store, 'sess_a')).toBe(0);
    expect(await read(store, 'sess_a', 0, 10)).toStrictEqual([]);
    await writeInTransaction(store, async (tx) => {
      await logRepositoryOf(tx, kind).append('sess_a', sampleProjectId, logSamples[kind]());
      await logRepositoryOf(tx, kind).drop('sess_a', sampleProjectId);
      const n = await logRepositoryOf(tx, kind).append('sess_a', sampleProjectId, logSamples[kind]());
      expect(n).toBe(1);
    });
    expect(await count(store, 'sess_a')).toBe(1);
  });

  it('[ST64] shares no entry with its callers', async () => {
    const { store } = await openForTest(open);
    const entry = logSamples[kind]();
    await writeInTransaction(store, async (tx) => {
      const given: Record<string, unknown> = { ...entry };
      // A writable view of what the repository takes as read-only.
      await logRepositoryOf(tx, kind).append('sess_a', sampleProjectId, given as typeof entry);
      for (const key of Object.keys(given)) given[key] = 'spoilt';
    });
    const [item] = await read(store, 'sess_a', 0, 1);
    expect(item).toStrictEqual({ n: 1, entry });
    expect(Object.isFrozen(item?.entry)).toBe(true);
  });

  it('[ST66] holds many entries, appended one by one and all at once', async () => {
    const { store } = await openForTest(open);
    await append(store, 'sess_a', 3000);
    await Promise.all(Array.from({ length: 200 }, () => append(store, 'sess_a', 1)));
    expect(await count(store, 'sess_a')).toBe(3200);
    const seen = [];
    for (let after = 0; after < 3200; after += 700) seen.push(...(await read(store, 'sess_a', after, 700)));
    expect(seen.map((item) => item.n)).toStrictEqual(Array.from({ length: 3200 }, (_, i) => i + 1));
  });

  it('[ST67] lets in no id that could become another path', async () => {
    const { store } = await openForTest(open);
    for (const id of ['', '..', '../sess_a', 'a/b', 'a\\b', 'a.b']) {
      await expect(append(store, id, 1), id).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
      const drop = writeInTransaction(store, (tx) => logRepositoryOf(tx, kind).drop(id, sampleProjectId));
      await expect(drop, id).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
      expect(await count(store, id)).toBe(0);
      expect(await read(store, id, 0, 1)).toStrictEqual([]);
    }
  });

  it('[ST68] takes every id that is one, whatever it means to a language or a file system', async () => {
    const { store } = await openForTest(open);
    for (const id of ['__proto__', 'constructor', 'toString', '0', '-', '_', 'con', 'x'.repeat(128)]) {
      expect(await count(store, id)).toBe(0);
      expect(await append(store, id, 2)).toStrictEqual([1, 2]);
      expect(await count(store, id)).toBe(2);
    }
  });
}
