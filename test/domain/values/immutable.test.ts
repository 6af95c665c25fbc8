import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChanges, isDeepEqual } from '../../../src/domain/values/immutable.ts';

describe('JSON values', () => {
  it('[ID3] are equal exactly when their JSON is, with keys in any order', () => {
    const sorted = (value: unknown): unknown =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, item]) => [key, sorted(item)]),
          )
        : Array.isArray(value)
          ? value.map(sorted)
          : value;
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    fc.assert(
      fc.property(json, json, (a, b) => {
        const isSameJson = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(isDeepEqual(a, b)).toBe(isSameJson);
        expect(isDeepEqual(a, structuredClone(a))).toBe(true);
      }),
    );
  });

  it('[ID4] stay the same object when a change changes nothing', () => {
    const before = { a: 1, b: { c: [2] } };
    expect(applyChanges(before, { b: { c: [2] } })).toBe(before);
    expect(applyChanges(before, { a: 2 })).toEqual({ a: 2, b: { c: [2] } });
    expect(applyChanges<{ a?: number }>({ a: 1 }, { a: undefined })).toEqual({});
  });
});
