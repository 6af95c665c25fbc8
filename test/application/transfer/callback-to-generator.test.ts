import { expect, it } from 'vitest';
import { callbackToGenerator } from '../../../src/application/transfer/callback-to-generator.ts';

it('[BK7] reads no further than what was taken', async () => {
  let handed = 0;
  const items = callbackToGenerator<number>(async (hand) => {
    for (handed = 1; handed <= 3; handed++) await hand(handed);
  });
  for (let taken = 1; taken <= 3; taken++) {
    expect((await items.next()).value).toBe(taken);
    expect(handed).toBe(taken);
  }
  expect((await items.next()).done).toBe(true);
});

it('[BK7] ends the reading when nobody wants any more, wherever it is', async () => {
  for (const taken of [1, 2]) {
    let ended: unknown;
    let over = () => {};
    const isOver = new Promise<void>((resolve) => {
      over = resolve;
    });
    const items = callbackToGenerator<number>(async (hand) => {
      try {
        for (let i = 0; ; i++) await hand(i);
      } catch (error) {
        ended = error;
        throw error;
      } finally {
        over();
      }
    });
    for (let i = 0; i < taken; i++) await items.next();
    await items.return();
    await isOver;
    expect(ended).toBeInstanceOf(Error);
  }
});

it('[BK7] throws the error of the reader, after what it yielded', async () => {
  const items = callbackToGenerator<number>(async (hand) => {
    await hand(1);
    throw new Error('torn');
  });
  expect((await items.next()).value).toBe(1);
  await expect(items.next()).rejects.toThrow('torn');
});
