import { ApiError } from './api-error.ts';

/** A value of a query as a caller means it; the server gets a string. */
type QueryValue = string | number | boolean | null | undefined | readonly (string | number | boolean)[];

/** The path of a request: the template of an endpoint with its `:names` filled in. Throws ApiError. */
export function fillPath(template: string, params: Readonly<Record<string, unknown>>): string {
  return template.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    // A URL cannot spell "." and ".." as parts of a path, and an empty part would name another path.
    if (typeof value !== 'string' || /^\.{0,2}$/.test(value)) {
      throw new ApiError(
        `The path parameter ${name} of ${template} is ${value === undefined ? 'missing' : `"${value}"`}.`,
        { code: 'INVALID_PATH_PARAMETER' },
      );
    }
    return encodeURIComponent(value);
  });
}

/**
 * The query of a URL, with its "?" unless it is empty: a list as values with commas between them, null as the word, and
 * without what is undefined.
 */
export function encodeQuery(query: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, encodeValue(value as QueryValue));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** A comma or backslash inside of a value of a list is escaped, as the server splits at commas. */
function encodeValue(value: QueryValue): string {
  return Array.isArray(value)
    ? value.map((one) => String(one).replaceAll(/[\\,]/g, '\\$&')).join(',')
    : String(value);
}
