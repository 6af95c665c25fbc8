import { createHash } from 'node:crypto';
import { validationError } from '../../domain/errors.ts';
import type { PageKey } from '../../domain/values/page.ts';

/** Encodes where a page ended; `list` identifies the list with its sort and filters. */
export function encodeCursor({ key, id }: PageKey, list: string): string {
  return Buffer.from(JSON.stringify([digest(list), key, id])).toString('base64url');
}

/** Decodes a cursor. Throws VALIDATION_ERROR when it is not valid or belongs to another list. */
export function decodeCursor(cursor: string, list: string): PageKey {
  const [of, key, id] = parts(cursor);
  if (typeof id !== 'string' || (typeof key !== 'string' && typeof key !== 'number')) {
    throw validationError('cursor', 'is not a cursor of this server');
  }
  if (of !== digest(list)) {
    throw validationError(
      'cursor',
      'belongs to a list with another sort or filter; start again without a cursor',
    );
  }
  return { key, id };
}

function parts(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function digest(list: string): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, 10);
}
