import { describe, expect, it } from 'vitest';
import { AppError, listForMessage, maxErrorListLength } from '../../src/domain/errors.ts';

const ids = (count: number) => Array.from({ length: count }, (_, i) => `task_${i}`);

describe('[HT105] what an error lists', () => {
  it('is bounded, and says how much was left out', () => {
    const { details } = new AppError('DEPENDENCY_CYCLE', 'A cycle.', { cycle: ids(12_000), id: 'task_1' });
    expect(details).toEqual({
      cycle: ids(maxErrorListLength),
      id: 'task_1',
      omitted: { cycle: 12_000 - maxErrorListLength },
    });
    const short = { cycle: ids(maxErrorListLength) };
    expect(new AppError('DEPENDENCY_CYCLE', 'A cycle.', short).details).toBe(short);
  });

  it('is shown by both of its ends in a message', () => {
    expect(listForMessage(ids(3))).toBe('task_0, task_1, task_2');
    expect(listForMessage(ids(20), ' → ')).toBe(
      'task_0 → task_1 → task_2 → task_3 → task_4 → … 10 more … → task_15 → task_16 → task_17 → task_18 → task_19',
    );
  });
});
