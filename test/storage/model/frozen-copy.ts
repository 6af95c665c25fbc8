import { AppError } from '../../../src/domain/errors.ts';

/**
 * A copy of a JSON value that neither its giver nor its readers can change. Throws INTERNAL_ERROR when it is none, as
 * with a BigInt or a circle in it.
 */
export function frozenCopy<T>(value: T): T {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new AppError('INTERNAL_ERROR', 'Only JSON can be stored.', undefined, cause);
  }
  return JSON.parse(text, (_, part: unknown) => Object.freeze(part));
}
