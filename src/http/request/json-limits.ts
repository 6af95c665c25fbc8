import { AppError } from '../../domain/errors.ts';

const maxDepth = 32;
const maxKeysPerObject = 1000;
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Throws MALFORMED_JSON when the parsed value nests deeper than 32 levels, has an object of more than 1000 keys, more than
 * `keys` in all, a key that means a prototype, or a text that is not well-formed Unicode. Code that copies, prints and
 * merges stored values relies on this.
 */
export function checkJson(value: unknown, keys: number): void {
  if (typeof value === 'string') checkText(value);
  let level: object[] = isObject(value) ? [value] : [];
  let left = keys;
  // Level by level, as recursion could overflow the stack.
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth)
      throw new AppError('MALFORMED_JSON', `The body nests deeper than ${maxDepth} levels.`);
    const below: object[] = [];
    for (const node of level) {
      if (!Array.isArray(node)) left -= countKeys(node);
      if (left < 0) throw new AppError('MALFORMED_JSON', `The body has more than ${keys} keys.`);
      for (const child of Object.values(node)) {
        if (isObject(child)) below.push(child);
        else if (typeof child === 'string') checkText(child);
      }
    }
    level = below;
  }
}

function countKeys(node: object): number {
  const names = Object.keys(node);
  if (names.length > maxKeysPerObject) {
    throw new AppError('MALFORMED_JSON', `An object in the body has more than ${maxKeysPerObject} keys.`);
  }
  const forbidden = names.find((name) => forbiddenKeys.has(name));
  if (forbidden !== undefined)
    throw new AppError(
      'MALFORMED_JSON',
      `The body has the key "${forbidden}", which is not allowed in any object.`,
    );
  for (const name of names) checkText(name);
  return names.length;
}

/** Half a surrogate pair cannot be encoded in UTF-8, so it would be read back as another character. */
function checkText(text: string): void {
  if (!text.isWellFormed())
    throw new AppError(
      'MALFORMED_JSON',
      'A text in the body has half a surrogate pair; send complete characters.',
    );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
