import { z } from 'zod';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const randomLength = 10;

/** The prefix of a generated id: what kind of thing it identifies. */
export type IdPrefix = 'proj' | 'task' | 'sess' | 'evt' | 'doc' | 'tmpl' | 'tok';

/** The shape of every id, generated or chosen by a client. Ids are part of file paths and channel names. */
export const idPattern = /^[A-Za-z0-9_-]{1,128}$/;

/** An id in a request. */
export const idSchema = z
  .string()
  .regex(idPattern, 'an id is 1 to 128 letters, digits, "_" or "-"')
  .meta({ description: 'Identifier: 1 to 128 letters, digits, "_" or "-".' });

let lastTime = 0;
let lastRandom: number[] = [];

/**
 * A new id `<prefix>_<10 characters of time><10 random>` in lower-case Crockford base32, where `now` is epoch
 * milliseconds. Ids made by one process sort in the order they were made, also within one millisecond.
 */
export function newId(prefix: IdPrefix, now: number): string {
  if (now > lastTime) {
    lastTime = now;
    lastRandom = [...crypto.getRandomValues(new Uint8Array(randomLength))].map((byte) => byte & 31);
    lastRandom[0] = (lastRandom[0] ?? 0) & 15;
  } else {
    increment(lastRandom);
  }
  return `${prefix}_${encodeTime(lastTime)}${lastRandom.map((digit) => alphabet[digit]).join('')}`;
}

function encodeTime(time: number): string {
  let rest = time;
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = alphabet[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Adds a random number of up to 15 bits, so that the next id cannot be guessed from this one. */
function increment(digits: number[]): void {
  const [random = 0] = crypto.getRandomValues(new Uint16Array(1));
  let carry = (random & 32_767) + 1;
  for (let i = digits.length - 1; i >= 0 && carry > 0; i--) {
    const digit = (digits[i] ?? 0) + carry;
    digits[i] = digit % 32;
    carry = Math.floor(digit / 32);
  }
}
