import { expect, it } from 'vitest';
import type { EntityOf } from '../../../src/application/store/collections.ts';
import type { Query, Store } from '../../../src/application/store/store.ts';
import type { PageKey } from '../../../src/domain/values/page.ts';
import { samples } from '../../support/samples/samples.ts';
import { openForTest, type StoreOpener, writeInTransaction } from './store-under-test.ts';

/** What every store promises about pages of a list that changes, and about order, by example. */
export function describePages(open: StoreOpener): void {
  it('[ST50] continues behind an item that is gone or has moved, and misses nothing that stayed', async () => {
    for (const descending of [false, true]) {
      const { store } = await openForTest(open);
      await insert(store, ...[10, 20, 30, 40, 50, 60].map(taskAt));
      const seen: number[] = [];
      let after: PageKey | undefined;
      for (const change of [
        () => remove(store, descending ? 50 : 20),
        () => insert(store, ...[5, 15, 25, 35, 45, 55, 65].map(taskAt)),
        () => move(store, descending ? 20 : 50, descending ? 70 : 1),
      ]) {
        const page = await list(store, { descending, limit: 2, after });
        seen.push(...page.items.map((task) => task.createdAt));
        after = page.next ?? undefined;
        await change();
      }
      const rest = await list(store, { descending, limit: 100, after });
      seen.push(...rest.items.map((task) => task.createdAt));
      expect(rest.next).toBeNull();
      const expected = descending
        ? [60, 50, 40, 30, 25, 20, 15, 10, 5]
        : [10, 20, 30, 40, 45, 50, 55, 60, 65];
      expect(seen).toStrictEqual(expected);
    }
  });

  it('[ST51] orders strings by code unit and priorities by how much they matter', async () => {
    const { store } = await openForTest(open);
    const titles = ['\uFF5E', 'a', 'é', '\u{1F600}', 'B', 'ab', 'Z', 'e\u0301'];
    const priorities = ['high', 'low', 'medium'] as const;
    await insert(
      store,
      ...titles.map((title, i) => ({ ...taskAt(i), title, priority: priorities[i % 3] ?? 'low' })),
    );
    const byTitle = await list(store, { sort: 'title' });
    expect(byTitle.items.map((task) => task.title)).toStrictEqual([
      'B',
      'Z',
      'a',
      'ab',
      'e\u0301',
      'é',
      '\u{1F600}',
      '\uFF5E',
    ]);
    const byPriority = await list(store, { sort: 'priority' });
    expect(byPriority.items.map((task) => task.priority).join(' ')).toBe(
      'low low low medium medium high high high',
    );
  });

  it('[ST52] finds an entity with several values by each of them, and by none when it has none', async () => {
    const { store } = await openForTest(open);
    await insert(
      store,
      { ...taskAt(1), labels: ['night', 'sky'] },
      { ...taskAt(2), labels: [] },
      { ...taskAt(3), labels: ['sky'], parentId: null },
    );
    const found = async (where: Query<'tasks'>['where']) =>
      (await list(store, { where })).items.map((task) => task.createdAt);
    expect(await found({ label: 'sky' })).toStrictEqual([1, 3]);
    expect(await found({ label: 'night' })).toStrictEqual([1]);
    expect(await found({ label: ['night', 'sky'] })).toStrictEqual([1, 3]);
    expect(await found({ label: null })).toStrictEqual([]);
    expect(await found({ parentId: null })).toStrictEqual([3]);
    expect(await found({ parentId: [null, 'task_sky'], label: 'sky' })).toStrictEqual([1, 3]);
  });

  it('[ST53] follows every change of an entity in its lists', async () => {
    const { store } = await openForTest(open);
    await insert(store, taskAt(1), taskAt(2));
    await writeInTransaction(store, async (tx) => {
      const task = await tx.tasks.get('task_1');
      if (task !== undefined)
        await tx.tasks.update({ ...task, status: 'blocked', labels: ['new'], createdAt: 9 });
    });
    const ids = async (query: Partial<Query<'tasks'>>) =>
      (await list(store, query)).items.map((task) => task.id);
    expect(await ids({})).toStrictEqual(['task_2', 'task_1']);
    expect(await ids({ where: { status: 'blocked' } })).toStrictEqual(['task_1']);
    expect(await ids({ where: { status: 'in_progress' } })).toStrictEqual(['task_2']);
    expect(await ids({ where: { label: 'new' } })).toStrictEqual(['task_1']);
    expect(await ids({ where: { label: 'night' } })).toStrictEqual(['task_2']);
  });

  it('[ST54] tells the same total on every page, and an exact one wherever it tells one', async () => {
    const { store } = await openForTest(open);
    await insert(store, ...[1, 2, 3].map(taskAt));
    const first = await list(store, { limit: 2, count: true });
    const second = await list(store, { limit: 2, after: first.next ?? undefined, count: true });
    expect([first.total, second.total]).toStrictEqual([3, 3]);
    expect([undefined, 3]).toContain((await list(store, { limit: 2 })).total);
    expect([undefined, 0]).toContain((await list(store, { where: { status: 'archived' } })).total);
  });
}

function taskAt(at: number): EntityOf<'tasks'> {
  return { ...samples.tasks(), id: `task_${at}`, createdAt: at };
}

function list(store: Store, query: Partial<Query<'tasks'>>) {
  return store.read((reader) => reader.tasks.list({ limit: 100, ...query }));
}

async function insert(store: Store, ...tasks: EntityOf<'tasks'>[]): Promise<void> {
  await writeInTransaction(store, async (tx) => {
    for (const task of tasks) await tx.tasks.insert(task);
  });
}

async function remove(store: Store, at: number): Promise<void> {
  await writeInTransaction(store, (tx) => tx.tasks.delete(`task_${at}`));
}

async function move(store: Store, at: number, to: number): Promise<void> {
  await writeInTransaction(store, async (tx) => {
    const task = await tx.tasks.get(`task_${at}`);
    if (task !== undefined) await tx.tasks.update({ ...task, createdAt: to });
  });
}
