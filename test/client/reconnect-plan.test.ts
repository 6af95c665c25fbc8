import { describe, expect, it } from 'vitest';
import { planReconnect } from '../../src/client/reconnect-plan.ts';

const plan = (code: number, failures = 0, random = 1, bidden?: number) =>
  planReconnect(code, { failures, random, bidden });

describe('the plan after a close', () => {
  it('[CL5] is told by the range of the code', () => {
    expect(plan(4000, 0, 1, 1234)).toEqual({ stop: false, afterMs: 1234, newToken: false });
    expect(plan(4100)).toEqual({ stop: false, afterMs: 1000, newToken: false });
    expect(plan(4200)).toEqual({ stop: false, afterMs: 0, newToken: true });
    expect(plan(4201, 1)).toEqual({ stop: false, afterMs: 1000, newToken: true });
    expect(plan(4500)).toEqual({ stop: true });
    expect(plan(4999)).toEqual({ stop: true });
    expect(plan(1006)).toEqual({ stop: false, afterMs: 500, newToken: false });
  });

  it('[CL5] backs off with each failure, up to 30 seconds, and never as everyone else', () => {
    expect([0, 1, 2, 3].map((failures) => 'afterMs' in plan(1006, failures) && plan(1006, failures))).toEqual(
      [500, 1000, 2000, 4000].map((afterMs) => ({ stop: false, afterMs, newToken: false })),
    );
    expect(plan(1006, 50)).toMatchObject({ afterMs: 30_000 });
    expect(plan(1006, 50, 0)).toMatchObject({ afterMs: 15_000 });
  });
});
