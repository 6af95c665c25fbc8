import { expect, it } from 'vitest';
import { RecordTable, type TableDefinition } from '../../../../src/storage/json/records/record-table.ts';
import { readPage } from '../../../../src/storage/json/records/result-set.ts';

interface Item {
  readonly id: string;
  readonly group: string;
  readonly tags: readonly string[];
  readonly at: number;
}

/** A table of so many items, and how often one of them was looked at since it was asked before. */
function filled(count: number) {
  let looks = 0;
  const counted = <T>(value: T): T => {
    looks++;
    return value;
  };
  const entry: TableDefinition<Item> = {
    id: (item) => item.id,
    filters: {
      group: (item) => counted(item.group),
      tag: (item) => counted(item.tags),
      size: (item) => counted(String(item.tags.length)),
    },
    indexes: [['group'], ['group', 'tag'], ['tag']],
    sorts: { createdAt: (item) => counted(item.at), id: (item) => counted(item.id) },
  };
  const table = new RecordTable(entry);
  for (let i = 0; i < count; i++) {
    const id = `item_${String(i).padStart(6, '0')}`;
    table.put({ id, group: `g${i % 4}`, tags: [`t${i % 5}`, `t${(i + 1) % 5}`], at: i });
  }
  return {
    table,
    looksAt(query: Parameters<typeof table.find>[0]): number {
      readPage(table.find(query), query);
      looks = 0;
      readPage(table.find(query), query);
      return looks;
    },
    looksToChange(item: Item): number {
      looks = 0;
      table.put(item);
      return looks;
    },
  };
}

it('[JS82] takes a page at the cost of its length, from anywhere in a list of any length', () => {
  const small = filled(1000);
  const large = filled(32_000);
  for (const where of [{}, { group: 'g1' }, { group: ['g1', 'g2'], tag: ['t1', 't2'] }, { tag: 't3' }]) {
    for (const after of [undefined, { key: 600, id: 'item_000600' }]) {
      for (const descending of [false, true]) {
        const query = { where, after, descending, limit: 50 };
        expect(large.looksAt(query)).toBeLessThan(2 * small.looksAt(query) + 100);
      }
    }
  }
});

it('[JS83] changes an entity at a cost that hardly grows with the table', () => {
  const costs = [1000, 32_000].map((count) => {
    const { looksAt, looksToChange } = filled(count);
    for (const where of [{}, { group: 'g1' }, { tag: 't1' }, { group: 'g1', tag: 't1' }]) {
      looksAt({ where, limit: 1 });
      looksAt({ where, limit: 1, sort: 'id' });
    }
    return looksToChange({ id: 'item_000501', group: 'g2', tags: ['t1'], at: 7 });
  });
  expect(costs[1]).toBeLessThan(2 * (costs[0] ?? 0));
});

it('[JS84] knows the total without counting where one index covers the filters and nothing is in two of its lists', () => {
  const { table } = filled(100);
  const total = (where: object) => readPage(table.find({ where, limit: 1 }), { limit: 1 }).total;
  expect(total({})).toBe(100);
  expect(total({ group: 'g1' })).toBe(25);
  expect(total({ group: ['g1', 'g2'] })).toBe(50);
  expect(total({ tag: 't1' })).toBe(40);
  expect(total({ group: 'none' })).toBe(0);
  expect(total({ tag: ['t1', 't2'] })).toBeUndefined();
  expect(total({ group: 'g1', size: '2' })).toBeUndefined();
});
