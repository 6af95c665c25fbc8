import { describe, expect, it } from 'vitest';
import { changeTask, createTask, toCompactTask } from '../../../src/domain/work/task.ts';

describe('one task', () => {
  it('[TK13] is cut to one line so that 50 of them stay under 8 KB', () => {
    for (const title of [
      'Say everything twice, '.repeat(20),
      '日本語'.repeat(50),
      '"\\'.repeat(90),
      'Short',
    ]) {
      const input = { title, priority: 'medium', parentId: 'task_01kjz8h0abcdefghjkmn' } as const;
      const task = {
        ...createTask('task_01kjz8h0abcdefghjkmn', 'proj_p', input, 0),
        status: 'in_progress' as const,
      };
      const lines = Array.from({ length: 50 }, () => toCompactTask(task));
      expect(Buffer.byteLength(JSON.stringify({ data: lines, nextCursor: 'x'.repeat(60) }))).toBeLessThan(
        8192,
      );
      expect(lines[0]?.title === title).toBe(title === 'Short');
    }
  });

  it('[TK14] loses by null what it need not have, and keeps by undefined what it has', () => {
    const task = createTask(
      'task_1',
      'proj_p',
      { title: 'T', model: 'M', agentTool: 'codex', pinned: true },
      0,
    );
    expect(changeTask(task, { model: undefined, title: undefined }, 1)).toBe(task);
    const after = changeTask(task, { model: null, agentTool: null }, 1);
    expect(after).not.toHaveProperty('model');
    expect(after).not.toHaveProperty('agentTool');
    expect(after).toMatchObject({ pinned: true, updatedAt: 1 });
  });
});
