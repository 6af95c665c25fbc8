import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { Request } from 'express';
import type { PageAnswer, PageInput } from '../../api/answer.ts';
import type { Page } from '../../domain/values/page.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';
import type { ListRequest } from '../request/list-request.ts';
import { setPageHeaders, shapeItems } from './page-body.ts';

/** A whole list ends after the page with which it has this many bytes. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Sends all pages of a list as one array: `first`, which was read with `asked.page`, and those that `read` reads, up to
 * `limit` items. The headers of a page say whether there is more. Other requests are answered between two pages.
 */
export async function sendWholeList(
  req: Request,
  res: ExpressResponse,
  answer: PageAnswer,
  first: Page<unknown>,
  asked: ListRequest,
  limit: number,
  read: (page: PageInput<string>) => Promise<Page<unknown>>,
): Promise<void> {
  const parts: string[] = [];
  let [count, bytes] = [0, 2];
  let page = first;
  for (;;) {
    const items = JSON.stringify(shapeItems(answer, page.items, asked)).slice(1, -1);
    const part = parts.length === 0 || items === '' ? items : `,${items}`;
    if (part !== '') parts.push(part);
    bytes += Buffer.byteLength(part);
    count += page.items.length;
    if (page.next === null || count >= limit || bytes >= maxBytes || res.closed) break;
    await setImmediate();
    page = await read({
      ...asked.page,
      after: page.next,
      limit: Math.min(asked.page.limit, limit - count),
      count: false,
    });
  }
  setPageHeaders(res, page.next, first.total, asked);
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', bytes);
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  await pipeline(Readable.from(['[', ...parts, ']']), res).catch((error: unknown) => {
    if (!res.closed) throw error;
  });
}
