import { parse } from 'node:querystring';
import { AppError, validationError } from '../../domain/errors.ts';

/** The query of a request before it is parsed: each parameter once. */
export type RawQuery = Readonly<Record<string, string>>;

/** The query of a request without one. */
export const noQuery: RawQuery = Object.freeze({});

/** Reads the query of a URL, noQuery when there is none. Throws VALIDATION_ERROR for a parameter given twice or an invalid %-escape. */
export function readQuery(url: string): RawQuery {
  const start = url.indexOf('?');
  if (start < 0 || start === url.length - 1) return noQuery;
  const text = url.slice(start + 1);
  if (text.includes('%')) checkEscapes(text);
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(parse(text, '&', '=', { maxKeys: 0 }))) {
    if (typeof value !== 'string') throw validationError(name, 'is given more than once');
    query[name] = value;
  }
  return query;
}

/** The parser of Node replaces what it cannot decode, so that a mistake would become a value. */
function checkEscapes(text: string): void {
  try {
    decodeURIComponent(text);
  } catch (error) {
    throw new AppError('VALIDATION_ERROR', 'The query has a %-escape that is not UTF-8.', undefined, error);
  }
}
