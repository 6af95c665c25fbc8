import { describe, expect, it } from 'vitest';
import { type EntityOf, type Kind, kinds } from '../../../src/application/store/collections.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { samples } from '../../support/samples/samples.ts';
import { variants } from '../../support/samples/variants.ts';
import {
  entityReaderOf,
  idOf,
  openForTest,
  readCommitted,
  repositoryOf,
  type StoreOpener,
  streamsToLock,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store promises about single entities, for every kind. */
export function describeEntities(open: StoreOpener): void {
  for (const kind of kinds) describe(kind, () => describeKind(kind, open));
}

function describeKind<K extends Kind>(kind: K, open: StoreOpener): void {
  const sample = () => {
    const entity = samples[kind]();
    return { entity, id: idOf(kind, entity), streams: streamsToLock(kind, entity) };
  };

  const field = kind === 'queues' ? 'sessionId' : 'id';

  it('[ST20] returns what was inserted with version 1, whatever version the caller wrote on it', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    const stored = await writeInTransaction(
      store,
      (tx) => repositoryOf(tx, kind).insert({ ...entity, version: 17 }),
      streams,
    );
    expect(stored).toStrictEqual({ ...entity, version: 1 });
    expect(await readCommitted(store, kind, id)).toStrictEqual({ ...entity, version: 1 });
  });

  it('[ST21] refuses to insert what exists, and leaves that as it is', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    await writeInTransaction(store, (tx) => repositoryOf(tx, kind).insert(entity), streams);
    const again = writeInTransaction(
      store,
      (tx) => repositoryOf(tx, kind).insert(changedFrom(kind, entity)),
      streams,
    );
    await expect(again).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await readCommitted(store, kind, id)).toStrictEqual(entity);
  });

  it('[ST22] stores an update as the next version', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    const updated = await writeInTransaction(
      store,
      async (tx) => {
        const first = await repositoryOf(tx, kind).insert(entity);
        const second = await repositoryOf(tx, kind).update(changedFrom(kind, first));
        return repositoryOf(tx, kind).update(second);
      },
      streams,
    );
    expect(updated).toStrictEqual({ ...changedFrom(kind, entity), version: 3 });
    expect(await readCommitted(store, kind, id)).toStrictEqual(updated);
  });

  it('[ST23] refuses an update made from another version than the present one', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    const first = await writeInTransaction(store, (tx) => repositoryOf(tx, kind).insert(entity), streams);
    const second = await writeInTransaction(store, (tx) => repositoryOf(tx, kind).update(first), streams);
    for (const version of [1, 3]) {
      const stale = { ...changedFrom(kind, first), version };
      const update = writeInTransaction(store, (tx) => repositoryOf(tx, kind).update(stale), streams);
      await expect(update).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    expect(await readCommitted(store, kind, id)).toStrictEqual(second);
  });

  it('[ST24] refuses to update or delete what does not exist', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    const update = writeInTransaction(store, (tx) => repositoryOf(tx, kind).update(entity), streams);
    await expect(update).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const removal = writeInTransaction(store, (tx) => repositoryOf(tx, kind).delete(id), streams);
    await expect(removal).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await readCommitted(store, kind, id)).toBeUndefined();
  });

  it('[ST25] forgets what was deleted; the same id then begins at version 1 again', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    const first = await writeInTransaction(store, (tx) => repositoryOf(tx, kind).insert(entity), streams);
    await writeInTransaction(store, (tx) => repositoryOf(tx, kind).update(first), streams);
    await writeInTransaction(store, (tx) => repositoryOf(tx, kind).delete(id), streams);
    expect(await readCommitted(store, kind, id)).toBeUndefined();
    const page = await store.read((reader) => entityReaderOf(reader, kind).list({ limit: 10, count: true }));
    expect(page).toStrictEqual({ items: [], next: null, total: 0 });
    const back = await writeInTransaction(store, (tx) => repositoryOf(tx, kind).insert(entity), streams);
    expect(back).toStrictEqual({ ...entity, version: 1 });
  });

  it('[ST26] shares nothing with its callers: they may change what they gave and not what they get', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    const returned = await writeInTransaction(
      store,
      async (tx) => {
        const given = structuredClone(entity);
        const stored = await repositoryOf(tx, kind).insert(given);
        mutateDeeply(given);
        expect(await repositoryOf(tx, kind).get(id)).toStrictEqual(entity);
        return stored;
      },
      streams,
    );
    const read = await readCommitted(store, kind, id);
    const page = await store.read((reader) => entityReaderOf(reader, kind).list({ limit: 1 }));
    for (const answer of [returned, read, page.items[0]]) {
      expect(answer).toStrictEqual(entity);
      expect(isDeeplyFrozen(answer)).toBe(true);
    }
  });

  it('[ST27] lets in no id that could become another path, and finds nothing under one', async () => {
    const { store } = await openForTest(open);
    const { entity, streams } = sample();
    for (const id of ['', '.', '..', '../projects/p', 'a/b', 'a\\b', 'a.json', 'a\0', 'ü', 'x'.repeat(129)]) {
      const bad = { ...entity, [field]: id };
      const insert = writeInTransaction(store, (tx) => repositoryOf(tx, kind).insert(bad), streams);
      await expect(insert, JSON.stringify(id)).rejects.toThrow(AppError);
      expect(await readCommitted(store, kind, id)).toBeUndefined();
      const removal = writeInTransaction(store, (tx) => repositoryOf(tx, kind).delete(id), streams);
      await expect(removal).rejects.toThrow(AppError);
    }
    const page = await store.read((reader) => entityReaderOf(reader, kind).list({ limit: 1 }));
    expect(page.items).toStrictEqual([]);
  });

  it('[ST28] takes every id that is one, whatever it means to a language or a file system', async () => {
    const { store } = await openForTest(open);
    const ids = ['__proto__', 'constructor', 'toString', '0', '-', '_', 'con', 'x'.repeat(128)];
    for (const id of ids) {
      const { entity } = sample();
      const named = { ...entity, [field]: id };
      const stored = await writeInTransaction(
        store,
        async (tx) => {
          await repositoryOf(tx, kind).insert(named);
          return repositoryOf(tx, kind).update({ ...named, version: 1 });
        },
        streamsToLock(kind, named),
      );
      expect(stored).toStrictEqual({ ...named, version: 2 });
      expect(await readCommitted(store, kind, id)).toStrictEqual(stored);
    }
    const page = await store.read((reader) => entityReaderOf(reader, kind).list({ limit: 100 }));
    expect(page.items.map((entity) => idOf(kind, entity)).sort()).toStrictEqual(ids.toSorted());
  });

  it('[ST29] restores an entity in the version written on it, and only what does not exist', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    const restored = { ...entity, version: 17 };
    expect(
      await writeInTransaction(store, (tx) => repositoryOf(tx, kind).restore(restored), streams),
    ).toStrictEqual(restored);
    const again = writeInTransaction(
      store,
      (tx) => repositoryOf(tx, kind).restore({ ...restored, version: 18 }),
      streams,
    );
    await expect(again).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await readCommitted(store, kind, id)).toStrictEqual(restored);
    const updated = await writeInTransaction(store, (tx) => repositoryOf(tx, kind).update(restored), streams);
    expect(updated.version).toBe(18);
  });

  it('[ST19] refuses an entity that does not have the shape of its kind', async () => {
    const { store } = await openForTest(open);
    const { entity, id, streams } = sample();
    const first = await writeInTransaction(store, (tx) => repositoryOf(tx, kind).insert(entity), streams);
    const anything = [field, 'version', 'value'];
    for (const key of Object.keys(entity).filter((name) => !anything.includes(name))) {
      const wrong = writeInTransaction(
        store,
        (tx) => repositoryOf(tx, kind).update({ ...first, [key]: -1.5 }),
        streams,
      );
      await expect(wrong, key).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
      const wrongFromTheStart = { ...sample().entity, [key]: -1.5 };
      const insert = writeInTransaction(
        store,
        (tx) => repositoryOf(tx, kind).insert(wrongFromTheStart),
        streams,
      );
      await expect(insert, key).rejects.toThrow(AppError);
    }
    const page = await store.read((reader) => entityReaderOf(reader, kind).list({ limit: 9 }));
    expect(page.items).toStrictEqual([first]);
    expect(await readCommitted(store, kind, id)).toStrictEqual(first);
  });
}

/** The entity with other values, in the same project. */
function changedFrom<K extends Kind>(kind: K, entity: EntityOf<K>): EntityOf<K> {
  return { ...entity, ...variants[kind](firstOf) };
}

function firstOf<T>(values: readonly T[]): T {
  const [first] = values;
  if (first === undefined) throw new RangeError('nothing to pick from');
  return first;
}

function mutateDeeply(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  for (const [key, part] of Object.entries(fields)) {
    mutateDeeply(part);
    if (!Array.isArray(value)) fields[key] = 'spoilt';
  }
  if (Array.isArray(value)) value.push('spoilt');
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
