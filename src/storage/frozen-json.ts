import { AppError } from '../domain/errors.ts';

/** The JSON of a value. Throws INTERNAL_ERROR when it has none, as with a BigInt or a circle in it. */
export function toJson(value: unknown): string {
  let text: string | undefined;
  let fault: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    fault = error;
  }
  if (text === undefined) throw new AppError('INTERNAL_ERROR', 'Only JSON can be stored.', undefined, fault);
  return text;
}

/** The value of a JSON text, which nobody can change. */
export function parseFrozen(text: string): unknown {
  return deepFreeze(JSON.parse(text));
}

/** The same value, made so that nobody can change it; quick when it is so already. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
