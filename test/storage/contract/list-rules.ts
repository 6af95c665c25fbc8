import { describe, expect, it } from 'vitest';
import { collectionOf } from '../../../src/application/store/collection-of.ts';
import {
  type EntityOf,
  type FilterValue,
  type Kind,
  kinds,
} from '../../../src/application/store/collections.ts';
import type { Query } from '../../../src/application/store/store.ts';
import type { PageKey } from '../../../src/domain/values/page.ts';
import { samples } from '../../support/samples/samples.ts';
import { variants } from '../../support/samples/variants.ts';
import {
  entityReaderOf,
  openForTest,
  repositoryOf,
  type StoreOpener,
  streamsToLock,
  writeInTransaction,
} from './store-under-test.ts';

/** What every store promises about lists, for every kind with its filters and sorts. */
export function describeLists(open: StoreOpener): void {
  for (const kind of kinds) describe(kind, () => describeListsOf(kind, open));
}

function describeListsOf<K extends Kind>(kind: K, open: StoreOpener): void {
  const collection = collectionOf(kind);
  const idsOf = (items: readonly EntityOf<K>[]) => items.map((entity) => collection.id(entity));

  /** A store with 30 entities whose values collide, and a way to list them. */
  const filled = async () => {
    const { store } = await openForTest(open);
    const pick = everyNth();
    const all = Array.from({ length: 30 }, () => ({ ...samples[kind](), ...variants[kind](pick) }));
    await writeInTransaction(store, async (tx) => {
      for (const entity of all) {
        for (const name of streamsToLock(kind, entity)) await tx.lock(name);
        await repositoryOf(tx, kind).insert(entity);
      }
    });
    const list = (query: object) =>
      // Queries are made from the catalogue, which the types are made from too.
      store.read((reader) => entityReaderOf(reader, kind).list({ limit: 100, ...query } as Query<K>));
    return { all, list };
  };

  it('[ST40] orders by each sort, then by id, both ways; strings by code unit, numbers by size', async () => {
    const { all, list } = await filled();
    for (const [sort, keyOf] of Object.entries(collection.sorts)) {
      const ordered = [...all].sort((a, b) =>
        byKeyAndId({ key: keyOf(a), id: collection.id(a) }, { key: keyOf(b), id: collection.id(b) }),
      );
      expect(idsOf((await list({ sort })).items), sort).toStrictEqual(idsOf(ordered));
      const descending = await list({ sort, descending: true });
      expect(idsOf(descending.items), `${sort} descending`).toStrictEqual(idsOf(ordered.reverse()));
    }
    expect(await list({})).toStrictEqual(await list({ sort: 'createdAt', descending: false }));
  });

  it('[ST41] finds by each filter what has the value, by null what has none', async () => {
    const { all, list } = await filled();
    for (const [filter, valuesOf] of Object.entries(collection.filters)) {
      const values = new Set<FilterValue>(['none has this', null, ...all.flatMap((e) => valuesOf(e))]);
      for (const value of values) {
        const having = all.filter((entity) => [valuesOf(entity)].flat().includes(value));
        const page = await list({ where: { [filter]: value }, count: true });
        expect(idsOf(page.items).sort(), `${filter} ${value}`).toStrictEqual(idsOf(having).sort());
        expect(page.total, `${filter} ${value}`).toBe(having.length);
      }
    }
  });

  it('[ST42] takes several values of a filter as alternatives, and finds nothing twice', async () => {
    const { all, list } = await filled();
    for (const [filter, valuesOf] of Object.entries(collection.filters)) {
      const [first = null, second = null] = new Set(all.flatMap((entity) => valuesOf(entity)));
      for (const values of [[first, second], [second, first, first], [first], []]) {
        const having = all.filter((entity) => [valuesOf(entity)].flat().some((own) => values.includes(own)));
        const page = await list({ where: { [filter]: values }, count: true });
        expect(idsOf(page.items).sort(), `${filter} ${values}`).toStrictEqual(idsOf(having).sort());
        expect(page.total, `${filter} ${values}`).toBe(having.length);
      }
    }
  });

  it('[ST43] combines filters, and takes no notice of one that is undefined', async () => {
    const { all, list } = await filled();
    const filters = Object.keys(collection.filters);
    for (const set of [...collection.indexes, filters]) {
      for (const one of all.slice(0, 10)) {
        const where = Object.fromEntries(set.map((filter) => [filter, valueIn(filter, one)]));
        const having = all.filter((entity) =>
          set.every((filter) => {
            const wanted = where[filter];
            return wanted === undefined || [collection.filters[filter]?.(entity)].flat().includes(wanted);
          }),
        );
        const rest = Object.fromEntries(filters.map((filter) => [filter, undefined]));
        const page = await list({ where: { ...rest, ...where }, count: true });
        expect(idsOf(page.items).sort(), `${set}`).toStrictEqual(idsOf(having).sort());
        expect(page.total, `${set}`).toBe(having.length);
      }
    }
    expect((await list({ where: {}, count: true })).total).toBe(30);
  });

  it('[ST44] goes through pages of any size with every filter and sort, and sees each entity once', async () => {
    const { list } = await filled();
    for (const sort of Object.keys(collection.sorts)) {
      for (const where of [{}, ...someFilters()]) {
        for (const descending of [false, true]) {
          const query = { where, sort, descending };
          const whole = await list({ ...query, count: true });
          for (const limit of [1, 7, 30]) {
            const pages = await allPages((after) => list({ ...query, limit, after, count: true }));
            expect(pages.flatMap((page) => page.items)).toStrictEqual(whole.items);
            expect(pages).toHaveLength(Math.max(1, Math.ceil(whole.items.length / limit)));
            for (const page of pages.slice(0, -1)) {
              expect(page.items).toHaveLength(limit);
              const keys = page.items.map((entity) => ({
                key: collection.sorts[sort]?.(entity),
                id: collection.id(entity),
              }));
              expect(page.next).toStrictEqual(keys.at(-1));
            }
            expect(new Set(pages.map((page) => page.total))).toStrictEqual(new Set([whole.items.length]));
          }
        }
      }
    }
  });

  function someFilters(): object[] {
    const one = { ...samples[kind](), ...variants[kind](everyNth()) };
    return collection.indexes.map((set) =>
      Object.fromEntries(set.map((filter) => [filter, valueIn(filter, one)])),
    );
  }

  function valueIn(filter: string, entity: EntityOf<K>): FilterValue | undefined {
    return [collection.filters[filter]?.(entity)].flat()[0];
  }
}

async function allPages<P extends { readonly next: PageKey | null }>(
  page: (after: PageKey | undefined) => Promise<P>,
): Promise<P[]> {
  const pages: P[] = [];
  let after: PageKey | null | undefined;
  do {
    const next: P = await page(after ?? undefined);
    pages.push(next);
    if (pages.length > 100) throw new Error('The pages of a list of 30 do not come to an end.');
    after = next.next;
  } while (after !== null);
  return pages;
}

/** Takes the first value, then the second of its list, and so on around; so each list is gone through. */
function everyNth() {
  let n = 0;
  return <T>(values: readonly T[]): T => {
    n += 1;
    // The modulus of its length is always within a list that is not empty.
    return values[(n * n) % values.length] as T;
  };
}

function byKeyAndId(a: PageKey, b: PageKey): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
