import { describe, expect, it } from 'vitest';
import { listOf } from '../../src/api/query-values.ts';
import { taskFields } from '../../src/domain/work/task.ts';

describe('[HT101] several values in one parameter', () => {
  const labels = listOf(taskFields.labels.element);

  it.each([
    ['a,b', ['a', 'b']],
    ['a\\,b', ['a,b']],
    ['a\\\\,b', ['a\\', 'b']],
    ['a\\b', ['a\\b']],
    [' a , b ', ['a', 'b']],
    ['\\,', [',']],
    ['zwei\nZeilen,🌊', ['zwei\nZeilen', '🌊']],
  ])('as in %j are %j', (text, values) => {
    expect(labels.parse(text)).toEqual(values);
  });

  it('find each label that a task can have', () => {
    for (const label of ['a,b', 'a\\', '\\,', 'a\\,b', ',,', '"']) {
      const spelt = label.replaceAll(/[\\,]/g, (character) => `\\${character}`);
      expect(labels.parse(`x,${spelt},y`), label).toEqual(['x', label, 'y']);
    }
  });

  it.each(['', 'a,,b', 'a, ,b'])('refuse the empty value in %j', (text) => {
    expect(labels.safeParse(text).success).toBe(false);
  });
});
