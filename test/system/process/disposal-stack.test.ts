import { describe, expect, it } from 'vitest';
import { DisposalStack } from '../../../src/system/process/disposal-stack.ts';

describe('[PR1] what was started', () => {
  it('is stopped in reverse, each when the one before has ended', async () => {
    const stack = new DisposalStack();
    const log: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      stack.push(async () => {
        log.push(`${name} stops`);
        await Promise.resolve();
        log.push(`${name} ends`);
      });
    }
    await stack.dispose();
    expect(log).toEqual([
      'third stops',
      'third ends',
      'second stops',
      'second ends',
      'first stops',
      'first ends',
    ]);
  });

  it('is stopped once, and whoever asks again waits for the end', async () => {
    const stack = new DisposalStack();
    let stops = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    stack.push(async () => {
      stops += 1;
      await held;
    });
    const both = [stack.dispose(), stack.dispose()];
    expect(await Promise.race([...both, 'waiting'])).toBe('waiting');
    release();
    await Promise.all(both);
    await stack.dispose();
    expect(stops).toBe(1);
  });

  it('is all stopped when some of it fails, and the errors are thrown', async () => {
    const failing = (...messages: string[]) => {
      const stack = new DisposalStack();
      const stopped: string[] = [];
      stack.push(() => stopped.push('first'));
      for (const message of messages) {
        stack.push(() => {
          throw new Error(message);
        });
      }
      return { dispose: () => stack.dispose(), stopped };
    };
    const one = failing('broken');
    await expect(one.dispose()).rejects.toThrow('broken');
    const two = failing('broken', 'also broken');
    await expect(two.dispose()).rejects.toMatchObject({
      errors: [{ message: 'also broken' }, { message: 'broken' }],
    });
    expect([one.stopped, two.stopped]).toEqual([['first'], ['first']]);
  });
});
