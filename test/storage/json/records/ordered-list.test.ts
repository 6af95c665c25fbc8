import { expect, it } from 'vitest';
import { OrderedList } from '../../../../src/storage/json/records/ordered-list.ts';
import { SortOrder } from '../../../../src/storage/json/records/sort-order.ts';
import { createRandom } from '../../../support/samples/random.ts';

interface Item {
  readonly id: string;
  readonly rank: number;
}

const order = new SortOrder<Item>(
  (item) => item.rank,
  (item) => item.id,
);

it('[JS80] keeps thousands of entities in order, whatever is added, replaced and removed, and walks from anywhere', () => {
  const random = createRandom(7);
  const model = new Map<string, Item>();
  const list = new OrderedList(order);
  const check = () => {
    const sorted = [...model.values()].sort((a, b) => order.compare(a, b));
    expect(list.size).toBe(sorted.length);
    expect([...list.walk()]).toStrictEqual(sorted);
    expect([...list.walk(undefined, true)]).toStrictEqual(sorted.toReversed());
    for (let i = 0; i < 50; i++) {
      const place = { key: random(52) - 1, id: `id_${random(6000)}` };
      const behind = sorted.filter((item) => order.compareToKey(item, place) > 0);
      const before = sorted.filter((item) => order.compareToKey(item, place) < 0).reverse();
      expect([...list.walk(place)].slice(0, 9)).toStrictEqual(behind.slice(0, 9));
      expect([...list.walk(place, true)].slice(0, 9)).toStrictEqual(before.slice(0, 9));
    }
  };

  for (let step = 0; step < 8000; step++) {
    const item = { id: `id_${random(6000)}`, rank: random(50) };
    const before = model.get(item.id);
    if (before === undefined) list.add(item);
    else list.replace(before, item);
    model.set(item.id, item);
  }
  check();
  for (const item of [...model.values()]) {
    if (random(20) === 0) continue;
    list.remove(item);
    model.delete(item.id);
  }
  check();
  for (const item of model.values()) list.remove(item);
  model.clear();
  check();
});

it('[JS81] starts from entities in order as if they had been added', () => {
  const items = Array.from({ length: 3000 }, (_, i) => ({
    id: `id_${String(i).padStart(4, '0')}`,
    rank: i >> 3,
  }));
  const list = new OrderedList(order, items);
  list.remove(items[1500] as Item);
  list.add({ id: 'id_x', rank: 100 });
  const expected = [...items.filter((_, i) => i !== 1500), { id: 'id_x', rank: 100 }];
  expect([...list.walk()]).toStrictEqual(expected.sort((a, b) => order.compare(a, b)));
});
