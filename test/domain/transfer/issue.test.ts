import { describe, expect, it } from 'vitest';
import { convertIssue, issueSchema } from '../../../src/domain/transfer/issue.ts';

function read(line: Record<string, unknown>) {
  return convertIssue(issueSchema.parse({ id: 'obs-1', title: 'Count the stars', status: 'open', ...line }));
}

describe('an issue', () => {
  it.each([
    ['open', 'todo'],
    ['in_progress', 'in_progress'],
    ['hooked', 'in_progress'],
    ['closed', 'completed'],
    ['blocked', 'blocked'],
    ['deferred', 'blocked'],
    ['tombstone', 'archived'],
  ])('[BL1] that is %s becomes a task that is %s', (source, status) => {
    const { item, remarks } = read({ status: source });
    expect(item.status).toBe(status);
    expect(remarks).toEqual([]);
  });

  it.each(['pinned', 'constructor', ''])(
    '[BL1] of the unknown status "%s" becomes todo with a remark',
    (status) => {
      const { item, remarks } = read({ status });
      expect(item.status).toBe('todo');
      expect(remarks).toEqual([`status "${status}" is not known; it becomes todo`]);
    },
  );

  it('[BL2] of priority 0 and 1 is high, of 2 medium, of 3 and 4 low', () => {
    const priorities = [0, 1, 2, 3, 4].map((priority) => read({ priority }).item.priority);
    expect(priorities).toEqual(['high', 'high', 'medium', 'low', 'low']);
    expect(read({}).item.priority).toBe('medium');
    expect(read({}).remarks).toEqual([]);
    for (const priority of [5, -1, 1.5, 'P1', {}]) {
      const { item, remarks } = read({ priority });
      expect(item.priority).toBe('medium');
      expect(remarks).toEqual([`priority ${JSON.stringify(priority)} is not 0 to 4; it becomes medium`]);
    }
  });

  it('[BL3] is a part of its parent, depends on what blocks it, and refers to the rest', () => {
    const types = ['parent-child', 'blocks', 'blocked-by', 'related', 'discovered-from', 'parent-child'];
    const dependencies = types.map((type, i) => ({ issue_id: 'obs-1', depends_on_id: `obs-${i + 2}`, type }));
    expect(read({ dependencies }).links).toEqual({
      externalId: 'obs-1',
      parents: ['obs-2', 'obs-7'],
      dependencies: ['obs-3', 'obs-4'],
      references: ['obs-5', 'obs-6'],
    });
    expect(read({ dependencies: null }).links).toMatchObject({
      parents: [],
      dependencies: [],
      references: [],
    });
  });

  it('[BL4] keeps its id, its labels and its times to the millisecond', () => {
    const { item, remarks } = read({
      labels: ['night', ' night ', 'sky'],
      created_at: '2026-01-05T09:00:00.123456+01:00',
      updated_at: '2026-01-05T08:30:00Z',
      closed_at: null,
    });
    expect(item).toMatchObject({
      externalId: 'obs-1',
      labels: ['night', 'sky'],
      createdAt: Date.UTC(2026, 0, 5, 8, 0, 0, 123),
      updatedAt: Date.UTC(2026, 0, 5, 8, 30),
    });
    expect(item.completedAt).toBeUndefined();
    expect(remarks).toEqual([]);
  });

  it('[BL4] names its times and labels that are not valid', () => {
    const times = { created_at: 'yesterday', updated_at: 12, closed_at: '0001-01-01T00:00:00Z' };
    const { item, remarks } = read({ ...times, labels: ['', 7, 'sky'] });
    expect(item.labels).toEqual(['sky']);
    expect([item.createdAt, item.updatedAt, item.completedAt]).toEqual([undefined, undefined, undefined]);
    expect(remarks).toEqual([
      'label "" is left out: it is not a valid label',
      'label 7 is left out: it is not a valid label',
      'created_at "yesterday" is not a time with an offset; it is ignored',
      'updated_at 12 is not a time with an offset; it is ignored',
      'closed_at "0001-01-01T00:00:00Z" is not a time with an offset; it is ignored',
    ]);
  });

  it('[BL5] has an id, a title that is not blank, and a status; other keys are ignored', () => {
    const issue = { id: 'obs-1', title: 'Stars', status: 'open', assignee: 'nobody', comments: [{}] };
    expect(issueSchema.safeParse(issue).success).toBe(true);
    for (const wrong of [
      { id: '' },
      { id: 7 },
      { title: ' ' },
      { title: null },
      { status: 1 },
      { labels: 'a' },
    ]) {
      expect(issueSchema.safeParse({ ...issue, ...wrong }).success).toBe(false);
    }
  });

  it('[BL12] loses control characters with a remark, and is no issue with nothing to see in its title or id', () => {
    const { item, remarks } = read({
      ...{ title: 'Bell \u0007', description: '\u001b[1mNow', labels: ['sky', 'a\u0000'] },
    });
    expect(item).toMatchObject({ title: 'Bell', description: '[1mNow', labels: ['sky'] });
    expect(remarks).toEqual([
      'title must not have control characters other than tabs and line breaks; it has U+0007; these are left out',
      'description must not have control characters other than tabs and line breaks; it has U+001B; these are left out',
      'label "a\\u0000" is left out: it is not a valid label',
    ]);
    const issue = { id: 'obs-1', title: 'Stars', status: 'open' };
    for (const wrong of [{ title: '\u0000' }, { title: '\u200b' }, { id: 'a\u0000' }])
      expect(issueSchema.safeParse({ ...issue, ...wrong }).success).toBe(false);
  });
});
