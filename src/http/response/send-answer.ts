import type { Request } from 'express';
import type { Answer } from '../../api/answer.ts';
import type { Outcome } from '../../application/access/call.ts';
import { formatPositions } from '../../domain/position.ts';
import type { Page } from '../../domain/values/page.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';
import { isSafeMethod } from '../boundary/safe-method.ts';
import type { ListRequest } from '../request/list-request.ts';
import { pageBody } from './page-body.ts';

/** Tells what happened beside the value: a replay, where the streams stood, and which skills were left out. */
export function sendOutcome(
  res: ExpressResponse,
  { replayed, positions, skippedSkills = [] }: Outcome,
): void {
  if (replayed) res.setHeader('Idempotency-Replayed', 'true');
  if (positions.size > 0) {
    res.setHeader('X-Event-Position', formatPositions(positions));
  }
  if (skippedSkills.length > 0) res.setHeader('X-Skills-Skipped', namesHeader(skippedSkills));
}

/** Names of any characters, percent-encoded, as many as a header should carry; `+3` counts the rest. */
function namesHeader(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(encodeURIComponent);
  const rest = names.length - shown.length;
  return [...shown, ...(rest > 0 ? [`+${rest}`] : [])].join(', ');
}

/** Answers with what the handler of an endpoint with this answer returned. */
export function sendAnswer(
  req: Request,
  res: ExpressResponse,
  answer: Answer,
  value: unknown,
  asked?: ListRequest,
): void {
  if (answer.kind === 'created') {
    res.statusCode = 201;
    // The value is what the answer's schema says, as its handler could not have returned another.
    res.setHeader('Location', answer.location(value as never));
  }
  const tag = answer.kind === 'entity' || answer.kind === 'created' ? entityTagOf(value) : undefined;
  if (tag !== undefined) res.setHeader('ETag', tag);
  if (tag !== undefined && isSafeMethod(req.method) && matchesEntityTag(req.headers['if-none-match'], tag)) {
    res.statusCode = 304;
    res.end();
    return;
  }
  const body = bodyOf(res, answer, value, asked);
  res.setHeader('Content-Type', answer.kind === 'text' ? answer.type : 'application/json; charset=utf-8');
  // Node counts what it sends, and of an answer to HEAD it sends nothing.
  if (req.method === 'HEAD') res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

function bodyOf(
  res: ExpressResponse,
  answer: Answer,
  value: unknown,
  asked: ListRequest | undefined,
): string {
  if (answer.kind === 'text') return String(value);
  if (answer.kind !== 'page' || asked === undefined) return JSON.stringify(value);
  // The handler of a list could not have returned anything but a page.
  return JSON.stringify(pageBody(res, answer, value as Page<unknown>, asked));
}

function entityTagOf(value: unknown): string | undefined {
  return typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    typeof value.version === 'number'
    ? `"${value.version}"`
    : undefined;
}

/** If-None-Match compares weakly, and Express would not: it sees no-cache, which fetch adds, and answers in full. */
function matchesEntityTag(header: string | undefined, tag: string): boolean {
  return header?.split(',').some((one) => ['*', tag, `W/${tag}`].includes(one.trim())) ?? false;
}
