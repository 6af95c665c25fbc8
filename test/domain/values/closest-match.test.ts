import { describe, expect, it } from 'vitest';
import { findClosestMatch } from '../../../src/domain/values/closest-match.ts';

describe('[CF10] the closest match', () => {
  const words = ['status', 'sort', 'limit', 'parentId'];

  it.each([
    ['statsu', 'status'],
    ['Status', 'status'],
    ['parent_id', 'parentId'],
    ['srot', 'sort'],
    ['limits', 'limit'],
  ])('of %s is %s', (word, expected) => {
    expect(findClosestMatch(word, words)).toBe(expected);
  });

  it.each(['', 'x', 'sta', 'colour', 'statusstatus'])('of %j does not exist', (word) => {
    expect(findClosestMatch(word, words)).toBeUndefined();
  });

  it('is the first of several, and within the number of edits that is asked for', () => {
    expect(findClosestMatch('ab', ['aa', 'bb'], 1)).toBe('aa');
    expect(findClosestMatch('HOME', ['HOST'], 1)).toBeUndefined();
    expect(findClosestMatch('HOME', ['HOST'], 2)).toBe('HOST');
  });
});
