import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** Whether the answer is the first page of a list that was requested as a whole: without parameters of paging. */
export function isJoinable(path: string, { statusCode, headers }: IncomingMessage): boolean {
  if (statusCode !== 200 || headers['x-has-more'] !== 'true') return false;
  const { searchParams } = new URL(path, 'http://localhost');
  return !['limit', 'cursor', 'envelope'].some((name) => searchParams.has(name));
}

/** The path of the next page, undefined after the last. */
function nextPath(path: string, { headers }: IncomingMessage): string | undefined {
  const cursor = headers['x-next-cursor'];
  if (headers['x-has-more'] !== 'true' || typeof cursor !== 'string') return undefined;
  return `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
}

/**
 * The text of one array with the items of all pages, starting with `first`; `get` requests a path. Throws an Error when
 * a page is not valid, so that a part never looks like the whole list.
 */
export async function* joinPages(
  path: string,
  first: IncomingMessage,
  get: (path: string) => Promise<IncomingMessage>,
): AsyncGenerator<string> {
  yield '[';
  let isEmpty = true;
  for (let page = first; ; ) {
    const body = await text(page);
    if (page.statusCode !== 200 || !/^\[.*\]$/s.test(body))
      throw new Error(`A page has the status ${page.statusCode}, or is not an array.`);
    const items = body.slice(1, -1);
    if (items !== '') yield isEmpty ? items : `,${items}`;
    isEmpty &&= items === '';
    const next = nextPath(path, page);
    if (next === undefined) break;
    page = await get(next);
  }
  yield ']';
}
