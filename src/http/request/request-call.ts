import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Call, Outcome } from '../../application/access/call.ts';
import type { Actor } from '../../domain/access/access.ts';
import type { Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { type Position, parsePositions } from '../../domain/position.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';
import { isSafeMethod } from '../boundary/safe-method.ts';

const keyPattern = /^[\x21-\x7e]{1,255}$/;
/** A proxy that compresses an answer weakens its tag, so the weak tag of a version means that version too. */
const tagPattern = /^(?:W\/)?"(\d{1,15})"$/;
const anyTagPattern = /^(W\/)?"[\x21\x23-\x7e]*"$/;

/** What a call is made from besides its request. */
export interface CallParts {
  readonly actor: Actor;
  readonly body: unknown;
  readonly stopping: AbortSignal;
  readonly comparesVersions: boolean;
}

/** The call of a request. Throws VALIDATION_ERROR for a header with an invalid value. */
export class RequestCall implements Call {
  readonly actor: Actor;
  readonly idempotency: Call['idempotency'];
  readonly ifMatch: number | undefined;
  readonly since: ReadonlyMap<Stream, Position> | undefined;
  readonly outcome: Outcome = { replayed: false, positions: new Map() };
  readonly #res: ExpressResponse;
  readonly #stopping: AbortSignal;
  #signal: AbortSignal | undefined;

  /**
   * `body` is as it was sent; `stopping` aborts when the server stops. If-Match has to be left out unless the endpoint
   * compares versions.
   */
  constructor(req: Request, res: ExpressResponse, { actor, body, stopping, comparesVersions }: CallParts) {
    this.actor = actor;
    this.idempotency = idempotencyOf(req, res, body);
    this.ifMatch = ifMatchOf(req, comparesVersions);
    this.since = sinceOf(req);
    this.#res = res;
    this.#stopping = stopping;
  }

  /** Aborts when the client disconnects or the server stops; created on demand, as few calls wait for anything. */
  get signal(): AbortSignal {
    this.#signal ??= this.#watch();
    return this.#signal;
  }

  #watch(): AbortSignal {
    const controller = new AbortController();
    const abort = () => controller.abort();
    if (this.#res.closed || this.#stopping.aborted) abort();
    this.#res.once('close', abort);
    this.#stopping.addEventListener('abort', abort, { once: true, signal: controller.signal });
    return controller.signal;
  }
}

function idempotencyOf(req: Request, res: ExpressResponse, body: unknown): Call['idempotency'] {
  const key = req.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !keyPattern.test(key)) {
    throw headerError('Idempotency-Key', 'must be 1 to 255 visible ASCII characters, without a space');
  }
  const { method, originalUrl } = req;
  const fingerprint = createHash('sha256')
    .update(`${method} ${originalUrl}\n${JSON.stringify(body)}`)
    .digest('hex');
  return { key, route: `${method} ${res.locals.context.route}`, fingerprint };
}

function ifMatchOf(req: Request, comparesVersions: boolean): number | undefined {
  if (isSafeMethod(req.method)) return undefined;
  if (req.headers['if-none-match'] !== undefined)
    throw headerError(
      'If-None-Match',
      'is for reads: leave it out, or send If-Match where a change takes it',
    );
  const header = req.headers['if-match'];
  if (header === undefined) return undefined;
  if (!comparesVersions)
    throw headerError(
      'If-Match',
      'is not supported by this endpoint, which compares no version: leave it out',
    );
  if (header === '*') return undefined;
  const version = tagPattern.exec(header)?.[1];
  if (version !== undefined) return Number(version);
  if (!anyTagPattern.test(header))
    throw headerError('If-Match', 'must be one ETag as it was received, as in "7"');
  // NaN equals no version: the tag is of something else, and never matches.
  return Number.NaN;
}

function sinceOf(req: Request): ReadonlyMap<Stream, Position> | undefined {
  const header = req.headers['last-event-id'];
  if (header === undefined) return undefined;
  const positions = typeof header === 'string' ? parsePositions(header) : undefined;
  if (positions === undefined)
    throw headerError('Last-Event-ID', 'must be the id of an event as it was received');
  return positions;
}

function headerError(name: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', `${name} ${message}.`, {
    issues: [{ in: 'header', path: name, message }],
  });
}
