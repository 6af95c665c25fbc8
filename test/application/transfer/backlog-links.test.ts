import { describe, expect, it } from 'vitest';
import { createCall, openServices } from '../../support/services/service-harness.ts';
import { openConfiguredStore } from '../../support/stores/configured-store.ts';
import { withReadCounts } from '../../support/stores/counting-store.ts';

const noLinks = { parents: [], dependencies: [], references: [] };

/** A project with this many issues, and what links them. */
async function backlogOf(count: number) {
  const store = withReadCounts(openConfiguredStore({ now: Date.now }));
  const { services } = openServices({}, store);
  const { id } = await services.projects.create(createCall(), { name: 'Chain' });
  const names = Array.from({ length: count }, (_, i) => `c-${i}`);
  await services.backlog.importItems(
    createCall(),
    id,
    names.map((externalId) => ({ externalId, title: externalId })),
  );
  /** Makes each of these wait for, and a part of, the one before it. */
  const link = (indexes: readonly number[]) =>
    services.backlog.importLinks(
      createCall(),
      id,
      indexes.map((i) => {
        const before = [`c-${(i + count - 1) % count}`];
        return { ...noLinks, externalId: `c-${i}`, parents: before, dependencies: before };
      }),
    );
  return { store, link };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('the links of a long chain', () => {
  it.each([
    ['in order', (i: number) => i],
    ['from its end', (i: number) => 299 - i],
    ['in any order', (i: number) => (i * 97) % 300],
  ])('[TK17] cost in proportion to the batch when they come %s', async (_, place) => {
    const { store, link } = await backlogOf(301);
    const order = range(0, 300).map((i) => place(i) + 1);
    const costs: number[] = [];
    for (let start = 0; start < 300; start += 100) {
      const reads = await store.readsOf(() => link(order.slice(start, start + 100)));
      costs.push(reads.length);
    }
    // A walk along the chain for each link would read some 30,000.
    for (const cost of costs) expect(cost).toBeLessThan(100 * 30);
    const again = await store.readsOf(() => link(order));
    expect(again.length).toBeLessThan(300 * 4);
  });

  it('[BL10] are refused where they would close a cycle, in one batch and across batches', async () => {
    const { link } = await backlogOf(40);
    await link(range(1, 39));
    const results = await link([39, 0]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['updated', 'unchanged']);
    expect(results[1]?.remarks).toEqual([
      'dependency c-39 would close a cycle and is left out',
      'parent c-39 would close a cycle and is left out',
    ]);
    expect((await link(range(0, 40))).flatMap(({ remarks }) => remarks)).toHaveLength(2);
  });
});
