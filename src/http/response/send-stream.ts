import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request } from 'express';
import type { Answer } from '../../api/answer.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';

/** Sends the parts as they come, no faster than the client reads; resolves when they end or the client disconnects. */
export async function sendStream(
  req: Request,
  res: ExpressResponse,
  { type }: Extract<Answer, { kind: 'stream' }>,
  parts: AsyncIterable<string>,
): Promise<void> {
  res.setHeader('Content-Type', type);
  res.setHeader('Cache-Control', 'no-store');
  // A proxy that buffers the whole answer would never pass it on.
  res.setHeader('X-Accel-Buffering', 'no');
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  res.flushHeaders();
  await pipeline(Readable.from(parts), res).catch((error: unknown) => {
    if (!res.closed) throw error;
  });
}
