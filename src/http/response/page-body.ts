import type { PageAnswer } from '../../api/answer.ts';
import type { Page } from '../../domain/values/page.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';
import { encodeCursor } from '../request/cursor.ts';
import type { ListRequest } from '../request/list-request.ts';

/** Sets the headers of a page and returns its body: a bare array, or an envelope if the client asked for one. */
export function pageBody(
  res: ExpressResponse,
  answer: PageAnswer,
  page: Page<unknown>,
  asked: ListRequest,
): unknown {
  const data = shapeItems(answer, page.items, asked);
  const nextCursor = setPageHeaders(res, page.next, page.total, asked);
  if (!asked.envelope && answer.envelope === 'wanted') return data;
  return { data, nextCursor, hasMore: nextCursor !== null, total: page.total };
}

/** Sets the headers that say whether and where a list continues, and returns the cursor of what follows. */
export function setPageHeaders(
  res: ExpressResponse,
  next: Page<unknown>['next'],
  total: number | undefined,
  asked: ListRequest,
): string | null {
  const nextCursor = next === null ? null : encodeCursor(next, asked.listKey);
  res.setHeader('X-Has-More', String(nextCursor !== null));
  if (nextCursor !== null) {
    res.setHeader('X-Next-Cursor', nextCursor);
    res.setHeader('Link', `<?${new URLSearchParams({ ...asked.rawQuery, cursor: nextCursor })}>; rel="next"`);
  }
  if (total !== undefined) res.setHeader('X-Total-Count', total);
  return nextCursor;
}

/** The items as the client wants them: in full, compact, or with the fields it picked. */
export function shapeItems(
  answer: PageAnswer,
  items: readonly unknown[],
  { compact, fields }: ListRequest,
): readonly unknown[] {
  // The types of `endpoint` make the handler return items of the answer's schema.
  const lines =
    compact && answer.compact !== undefined ? items.map((item) => answer.compact?.of(item as never)) : items;
  return fields === undefined ? lines : lines.map((line) => pickFields(line, fields));
}

function pickFields(item: unknown, fields: ReadonlySet<string>): unknown {
  return typeof item === 'object' && item !== null
    ? Object.fromEntries(Object.entries(item).filter(([name]) => fields.has(name)))
    : item;
}
