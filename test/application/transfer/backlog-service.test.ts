import { describe, expect, it } from 'vitest';
import type { BacklogItem, BacklogLinks } from '../../../src/domain/transfer/backlog-item.ts';
import type { Task } from '../../../src/domain/work/task.ts';
import { createCall, openServices, type ServiceHarness } from '../../support/services/service-harness.ts';

const at = Date.UTC(2026, 0, 5);
const item = (externalId: string, more: Partial<BacklogItem> = {}): BacklogItem => ({
  externalId,
  title: `Title of ${externalId}`,
  createdAt: at,
  updatedAt: at + 1000,
  ...more,
});
const link = (externalId: string, more: Partial<BacklogLinks> = {}): BacklogLinks => ({
  externalId,
  parents: [],
  dependencies: [],
  references: [],
  ...more,
});

async function backlog() {
  const harness = openServices();
  const { id: projectId } = await harness.services.projects.create(createCall(), { name: 'Observatory' });
  const take = async (...items: BacklogItem[]) =>
    (await harness.services.backlog.importItems(createCall(), projectId, items)).map(
      (result) => result.outcome,
    );
  const tie = (...links: BacklogLinks[]) =>
    harness.services.backlog.importLinks(createCall(), projectId, links);
  const task = (externalId: string) => taskOf(harness, projectId, externalId);
  return { harness, projectId, take, tie, task };
}

async function taskOf({ services }: ServiceHarness, projectId: string, externalId: string): Promise<Task> {
  const { items } = await services.tasks.list(createCall(), { where: { projectId, externalId }, limit: 2 });
  expect(items).toHaveLength(1);
  return items[0] as Task;
}

describe('a backlog that is imported', () => {
  it('[BL6] becomes tasks with the ids, texts, status and times of their source', async () => {
    const { take, task, projectId } = await backlog();
    const closed = { status: 'completed', completedAt: at + 500 } as const;
    const said = { description: 'All of them.', priority: 'low', labels: ['night'] } as const;
    expect(
      await take(item('obs-1', { ...said, ...closed }), item('obs-2', { status: 'in_progress' })),
    ).toEqual(['created', 'created']);
    expect(await task('obs-1')).toMatchObject({
      projectId,
      externalId: 'obs-1',
      title: 'Title of obs-1',
      ...said,
      ...closed,
      createdAt: at,
      updatedAt: at + 1000,
      version: 1,
    });
    expect(await task('obs-2')).toMatchObject({
      status: 'in_progress',
      startedAt: at + 1000,
      completedAt: null,
    });
  });

  it('[BL6] tells that tasks were created, and rings no bell for what was completed long ago', async () => {
    const { harness, take, tie } = await backlog();
    expect(
      await harness.eventNamesOf(() => take(item('obs-1', { status: 'completed' }), item('obs-2'))),
    ).toEqual(['task:created', 'task:created']);
    const links = [link('obs-1', { dependencies: ['obs-2'] }), link('obs-2')];
    expect(await harness.eventNamesOf(() => tie(...links))).toEqual(['task:updated']);
    expect(await harness.eventNamesOf(() => take(item('obs-2', { status: 'blocked' })))).toEqual([
      'task:updated',
      'notify:task_blocked',
    ]);
  });

  it('[BL7] changes nothing and tells nothing when it is imported again', async () => {
    const { harness, take, tie, task } = await backlog();
    const items = [item('obs-1', { status: 'archived', description: 'D', labels: ['a'] }), item('obs-2')];
    const links = [link('obs-1', { parents: ['obs-2'], references: ['obs-2', 'gone'] }), link('obs-2')];
    await take(...items);
    await tie(...links);
    const before = [await task('obs-1'), await task('obs-2')];
    harness.advanceClock(10);
    const names = await harness.eventNamesOf(async () => {
      expect(await take(...items)).toEqual(['unchanged', 'unchanged']);
      expect((await tie(...links)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    });
    expect(names).toEqual([]);
    expect([await task('obs-1'), await task('obs-2')]).toEqual(before);
  });

  it('[BL7] changes of a task just what the source changed', async () => {
    const { harness, take, task } = await backlog();
    await take(item('obs-1', { priority: 'low' }), item('obs-2'));
    const before = await task('obs-1');
    expect(await take(item('obs-1', { priority: 'high', updatedAt: at + 2000 }), item('obs-2'))).toEqual([
      'updated',
      'unchanged',
    ]);
    const { imported: _, ...after } = await task('obs-1');
    const { imported: __, ...expected } = { ...before, priority: 'high', updatedAt: at + 2000, version: 2 };
    expect(after).toEqual(expected);
    expect(harness.events.at(-1)).toMatchObject({ name: 'task:updated', data: { priority: 'high' } });
  });

  it('[BL8] keeps what was changed here wherever the source says what it said before', async () => {
    const { harness, take, tie, task } = await backlog();
    await take(item('obs-1', { description: 'Old', labels: ['a'] }), item('obs-2'), item('obs-3'));
    await tie(link('obs-1', { dependencies: ['obs-2'] }));
    harness.advanceClock(10);
    const mine = {
      status: 'completed',
      labels: ['a', 'mine'],
      dependencies: [(await task('obs-3')).id],
    } as const;
    await harness.services.tasks.update(createCall(), (await task('obs-1')).id, mine);
    const { updatedAt } = await task('obs-1');

    expect(await take(item('obs-1', { description: 'Old', labels: ['a'] }))).toEqual(['unchanged']);
    await tie(link('obs-1', { dependencies: ['obs-2'] }));
    expect(await task('obs-1')).toMatchObject({ ...mine, description: 'Old', updatedAt });

    const next = item('obs-1', { description: 'New', labels: ['a'], updatedAt: at + 5000 });
    expect(await take(next)).toEqual(['updated']);
    expect(await task('obs-1')).toMatchObject({ ...mine, description: 'New', updatedAt });

    const reopened = { ...next, status: 'in_progress', labels: [] } as const;
    expect(await take(reopened)).toEqual(['updated']);
    expect(await task('obs-1')).toMatchObject({ status: 'in_progress', labels: [], completedAt: null });
  });

  it('[BL8] leaves alone what the source does not speak of', async () => {
    const { take, task } = await backlog();
    await take(item('obs-1', { description: 'D', status: 'blocked', labels: ['a'], priority: 'high' }));
    await take({ externalId: 'obs-1', title: 'Other' });
    expect(await task('obs-1')).toMatchObject({
      title: 'Other',
      description: 'D',
      status: 'blocked',
      labels: ['a'],
      priority: 'high',
      createdAt: at,
    });
  });

  it('[BL8] takes a task out of the archive to where the source has it now', async () => {
    const { take, task } = await backlog();
    await take(item('obs-1', { status: 'archived' }));
    await take(item('obs-1', { status: 'completed', completedAt: at + 7 }));
    expect(await task('obs-1')).toMatchObject({ status: 'completed', completedAt: at + 7 });
  });

  it('[BL9] is linked by the first parent that exists, and by its dependencies and references', async () => {
    const { take, tie, task } = await backlog();
    await take(...[1, 2, 3, 4, 5].map((n) => item(`obs-${n}`)));
    const [result] = await tie(
      link('obs-1', {
        parents: ['gone-1', 'obs-2', 'obs-3'],
        dependencies: ['obs-4', 'gone-2'],
        references: ['obs-5', 'gone-3', 'obs-1'],
      }),
    );
    const ids = await Promise.all(
      ['obs-2', 'obs-3', 'obs-4', 'obs-5'].map(async (id) => (await task(id)).id),
    );
    expect(await task('obs-1')).toMatchObject({
      parentId: ids[0],
      dependencies: [ids[2]],
      referenceTaskIds: [ids[1], ids[3]],
    });
    expect(result).toEqual({
      externalId: 'obs-1',
      outcome: 'updated',
      remarks: [
        'dependency gone-2 does not exist and is left out',
        'parent gone-1 does not exist and is left out',
        'reference gone-3 does not exist and is left out',
        'reference obs-1 is the task itself and is left out',
      ],
    });
    expect(await tie(link('gone-9'))).toEqual([
      { externalId: 'gone-9', outcome: 'unchanged', remarks: ['there is no task of it to be linked'] },
    ]);
  });

  it('[BL9] is linked to what was missing once that is there, and let go of what the source let go', async () => {
    const { take, tie, task } = await backlog();
    await take(item('obs-1'));
    const links = link('obs-1', { dependencies: ['obs-2'], parents: ['obs-2'] });
    await tie(links);
    expect((await task('obs-1')).dependencies).toEqual([]);
    await take(item('obs-2'));
    await tie(links);
    const { id } = await task('obs-2');
    expect(await task('obs-1')).toMatchObject({ dependencies: [id], parentId: id });
    await tie(link('obs-1'));
    expect(await task('obs-1')).toMatchObject({ dependencies: [], parentId: null });
  });

  it('[BL10] leaves out each dependency and parent that would close a cycle, and says so every time', async () => {
    const { take, tie, task } = await backlog();
    await take(...[1, 2, 3].map((n) => item(`obs-${n}`)));
    const circle = [
      link('obs-1', { dependencies: ['obs-2'], parents: ['obs-3'] }),
      link('obs-2', { dependencies: ['obs-3', 'obs-2'], parents: ['obs-1'] }),
      link('obs-3', { dependencies: ['obs-1'], parents: ['obs-2'] }),
    ];
    for (const outcome of ['updated', 'unchanged']) {
      const results = await tie(...circle);
      expect(results.map((result) => result.outcome)).toEqual([outcome, outcome, 'unchanged']);
      expect(results.map((result) => result.remarks)).toEqual([
        [],
        ['dependency obs-2 would close a cycle and is left out'],
        [
          'dependency obs-1 would close a cycle and is left out',
          'parent obs-2 would close a cycle and is left out',
        ],
      ]);
    }
    const [one, two, three] = [await task('obs-1'), await task('obs-2'), await task('obs-3')];
    expect(one).toMatchObject({ dependencies: [two.id], parentId: three.id });
    expect(two).toMatchObject({ dependencies: [three.id], parentId: one.id });
    expect(three).toMatchObject({ dependencies: [], parentId: null });
    // What came in passes the checks of any other change.
    await take(item('obs-1', { title: 'Again' }));
  });

  it('[BL11] stays in its project: another may have the same ids', async () => {
    const { harness, take, tie, projectId } = await backlog();
    const other = await harness.services.projects.create(createCall(), { name: 'Other' });
    await take(item('obs-1'));
    await harness.services.backlog.importItems(createCall(), other.id, [
      item('obs-1', { title: 'Other' }),
      item('obs-2'),
    ]);
    expect((await taskOf(harness, projectId, 'obs-1')).title).toBe('Title of obs-1');
    const [result] = await tie(link('obs-1', { dependencies: ['obs-2'] }));
    expect(result?.remarks).toEqual(['dependency obs-2 does not exist and is left out']);
    await expect(
      harness.services.backlog.importItems(
        createCall({ role: 'member', projects: new Set([other.id]) }),
        projectId,
        [],
      ),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
