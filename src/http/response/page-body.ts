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
  const hasMore = page.next !== null;
  const nextCursor = page.next === null ? null : encodeCursor(page.next, asked.listKey);
  res.setHeader('X-Has-More', String(hasMore));
  if (nextCursor !== null) {
    res.setHeader('X-Next-Cursor', nextCursor);
    res.setHeader('Link', `<?${new URLSearchParams({ ...asked.rawQuery, cursor: nextCursor })}>; rel="next"`);
  }
  if (page.total !== undefined) res.setHeader('X-Total-Count', page.total);
  if (!asked.envelope && answer.envelope === 'wanted') return data;
  return { data, nextCursor, hasMore, total: page.total };
}

function shapeItems(
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
