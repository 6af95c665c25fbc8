import { describe, expect, it } from 'vitest';
import { idPattern, newId } from '../../../src/domain/values/id.ts';

describe('ids', () => {
  it('[ID1] cannot be guessed from the time or from one another, and all have the same shape', () => {
    const now = 1_770_000_000_000;
    const ids = Array.from({ length: 1000 }, (_, i) => newId('task', now + i));
    for (const id of ids) {
      expect(id).toMatch(/^task_[0-9a-hjkmnp-tv-z]{20}$/);
      expect(id).toMatch(idPattern);
    }
    expect(new Set(ids.map((id) => id.slice(-10))).size).toBe(1000);
  });

  it('[ID2] sort in the order in which they were made, also within one millisecond and when the clock goes back', () => {
    const now = 1_780_000_000_000;
    const ids = [
      ...Array.from({ length: 2000 }, () => newId('task', now)),
      newId('task', now - 5000),
      newId('task', now + 1),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    const steps = new Set(ids.slice(1, 200).map((id, i) => idNumber(id) - idNumber(ids[i] ?? '')));
    expect(steps.size).toBeGreaterThan(150);
  });
});

/** The low digits of an id as a number. */
function idNumber(id: string): number {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  return [...id.slice(-8)].reduce((sum, digit) => sum * 32 + alphabet.indexOf(digit), 0);
}
