import { AppError } from '../../domain/errors.ts';

const maxDepth = 32;
const maxKeysPerObject = 1000;
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Throws MALFORMED_JSON when the parsed value nests deeper than 32, has an object of more than 1000 keys or more than
 * `keys` in all, a key that means a prototype, or a text that is not well-formed Unicode: what is stored is copied, printed and merged by code that trusts it.
 */
export function checkJson(value: unknown, keys: number): void {
  if (typeof value === 'string') checkText(value);
  let level: object[] = isObject(value) ? [value] : [];
  let left = keys;
  // Level by level rather than by calls: what is checked is what would overflow the stack.
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
  const refused = names.find((name) => forbiddenKeys.has(name));
  if (refused !== undefined)
    throw new AppError('MALFORMED_JSON', `The body has a key "${refused}"; no object may.`);
  for (const name of names) checkText(name);
  return names.length;
}

/** Half a surrogate pair cannot be written in UTF-8, so it would come back as another character. */
function checkText(text: string): void {
  if (!text.isWellFormed())
    throw new AppError(
      'MALFORMED_JSON',
      'The body has half a surrogate pair in a text; send whole characters.',
    );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
