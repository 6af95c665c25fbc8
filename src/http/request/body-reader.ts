import { isUtf8 } from 'node:buffer';
import express, { type Request, type Response } from 'express';
import type { BodyLimits } from '../../api/endpoint.ts';
import { AppError } from '../../domain/errors.ts';
import { checkJson } from './json-limits.ts';

const jsonType = /^application\/(?:merge-patch\+)?json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * Creates the reader of bodies within these limits: it resolves with the parsed JSON, `{}` for an empty body. Throws
 * UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, MALFORMED_JSON.
 */
export function bodyReader({ bytes, keys }: BodyLimits): (req: Request, res: Response) => Promise<unknown> {
  const parse = express.json({ limit: bytes, strict: false, type: () => true, verify: checkUtf8 });
  return async (req, res) => {
    const type = req.headers['content-type'];
    if (type !== 'application/json' && !jsonType.test(type ?? '')) {
      throw new AppError(
        'UNSUPPORTED_MEDIA_TYPE',
        `The body is ${type === undefined ? 'of no declared type' : `"${type.slice(0, 100)}"`}; send JSON with Content-Type: application/json, in UTF-8.`,
      );
    }
    await new Promise<void>((resolve, reject) => {
      parse(req, res, (error?: unknown) =>
        error === undefined ? resolve() : reject(bodyError(error, bytes)),
      );
    });
    checkJson(req.body, keys);
    return req.body;
  };
}

/** Whether the request has a body that is not empty. */
export function hasBody({ headers }: Request): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Invalid UTF-8 would be decoded, and stored, with other characters in its place. */
function checkUtf8(_req: unknown, _res: unknown, body: Buffer): void {
  if (!isUtf8(body)) throw new AppError('MALFORMED_JSON', 'The body is not UTF-8.');
}

function bodyError(error: unknown, bytes: number): unknown {
  if (error instanceof AppError) return error;
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  switch (status) {
    case 400:
      return new AppError('MALFORMED_JSON', 'The body is not JSON, or ended early.', undefined, error);
    case 413:
      return new AppError(
        'PAYLOAD_TOO_LARGE',
        `The body is larger than the ${bytes} bytes that this path accepts.`,
      );
    case 415:
      return new AppError(
        'UNSUPPORTED_MEDIA_TYPE',
        'The body has an encoding or charset that this server does not support.',
      );
    default:
      return error;
  }
}
