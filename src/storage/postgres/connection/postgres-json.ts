import { AppError } from '../../../domain/errors.ts';

/** The JSON of a value. Throws INTERNAL_ERROR for a value without one, such as a BigInt or a cycle. */
export function serializeJson(value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch (cause) {
    throw new AppError('INTERNAL_ERROR', 'Only JSON can be stored.', undefined, cause);
  }
  throw new AppError('INTERNAL_ERROR', 'Only JSON can be stored, not undefined.');
}
