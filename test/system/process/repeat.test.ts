import { describe, expect, it } from 'vitest';
import { repeat } from '../../../src/system/process/repeat.ts';
import { createGate } from '../../support/time/gate.ts';

describe('[LV7] what is repeated', () => {
  it('is done again after it failed, one at a time, and the end waits for it', async () => {
    const errors: unknown[] = [];
    const third = createGate();
    const hold = createGate();
    let runs = 0;
    let over = false;
    const end = repeat(
      async () => {
        runs += 1;
        if (runs === 1) throw new Error('once');
        if (runs < 3) return;
        third.open();
        await hold.opened;
        over = true;
      },
      1,
      (error) => errors.push(error),
    );
    await third.opened;
    const ended = end();
    hold.open();
    await ended;
    expect(over).toBe(true);
    expect(runs).toBe(3);
    expect(errors).toMatchObject([{ message: 'once' }]);
  });
});
