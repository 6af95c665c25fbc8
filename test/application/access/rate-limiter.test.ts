import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../../src/application/access/rate-limiter.ts';

describe('token buckets', () => {
  it('[HT59] the burst may be used at once, and each second adds the rate, up to the burst', () => {
    let now = 0;
    const buckets = new RateLimiter(2, 5, () => now);
    const taken = (times: number) => Array.from({ length: times }, () => buckets.take('a').allowed);
    expect(taken(6)).toEqual([true, true, true, true, true, false]);
    now = 499;
    expect(taken(1)).toEqual([false]);
    now = 1000;
    expect(taken(3)).toEqual([true, true, false]);
    now = 1_000_000;
    expect(taken(6)).toEqual([true, true, true, true, true, false]);
    expect(buckets.take('b')).toEqual({ allowed: true, remaining: 4, retryAfter: 0, resetAfter: 500 });
  });

  it('[HT59] the reported wait ends when the next one is allowed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 100 }),
        (perSecond, burst, pauses) => {
          let now = 0;
          const buckets = new RateLimiter(perSecond, burst, () => now);
          let allowed = 0;
          for (const pause of pauses) {
            now += pause;
            const take = buckets.take('a');
            if (take.allowed) allowed++;
            else {
              expect(take.retryAfter).toBeGreaterThan(0);
              now += take.retryAfter + 0.001;
              expect(buckets.take('a').allowed).toBe(true);
              allowed++;
            }
            expect(allowed).toBeLessThanOrEqual(burst + (now / 1000) * perSecond);
          }
        },
      ),
    );
  });

  it('[HT59] a key that is full again costs no memory for long', () => {
    let now = 0;
    const buckets = new RateLimiter(1, 1, () => now);
    for (let i = 0; i < 30_000; i++) {
      now += 1000;
      buckets.take(`key${i}`);
    }
    expect(buckets.size).toBeLessThanOrEqual(10_000);
  });
});
