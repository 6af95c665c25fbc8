import { describe, expect, it } from 'vitest';
import { findClosestMatch } from '../../../src/domain/values/closest-match.ts';

describe('[CF10] the nearest word', () => {
  const words = ['status', 'sort', 'limit', 'parentId'];

  it.each([
    ['statsu', 'status'],
    ['Status', 'status'],
    ['parent_id', 'parentId'],
    ['srot', 'sort'],
    ['limits', 'limit'],
  ])('to %s is %s', (word, expected) => {
    expect(findClosestMatch(word, words)).toBe(expected);
  });

  it.each(['', 'x', 'sta', 'colour', 'statusstatus'])('to %j is none', (word) => {
    expect(findClosestMatch(word, words)).toBeUndefined();
  });

  it('is the first of equals, and no further than is asked', () => {
    expect(findClosestMatch('ab', ['aa', 'bb'], 1)).toBe('aa');
    expect(findClosestMatch('HOME', ['HOST'], 1)).toBeUndefined();
    expect(findClosestMatch('HOME', ['HOST'], 2)).toBe('HOST');
  });
});
