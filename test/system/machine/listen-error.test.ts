import { describe, expect, it } from 'vitest';
import { toListenError } from '../../../src/system/machine/listen-error.ts';

describe('[PR7] a place where nobody can listen', () => {
  it.each([
    ['EADDRINUSE', 'Another program listens on port 80 of ::1: stop it, or set PORT'],
    ['EACCES', 'You may not listen on port 80 of ::1: set PORT'],
    ['EADDRNOTAVAIL', 'HOST is ::1, which is not an address of this machine'],
    ['ENOTFOUND', 'HOST is ::1, which is not an address of this machine'],
    ['EMFILE', 'Cannot listen on port 80 of ::1: oops.'],
  ])('is named with what to do: %s', (code, sentence) => {
    const error = toListenError(Object.assign(new Error('oops'), { code }), '::1', 80);
    expect(error.message).toContain(sentence);
    expect(error.name).toBe('StartError');
  });
});
