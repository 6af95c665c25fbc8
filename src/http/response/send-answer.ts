import type { Request } from 'express';
import type { Answer } from '../../api/answer.ts';
import type { Outcome } from '../../application/access/call.ts';
import { formatPositions } from '../../domain/position.ts';
import type { Page } from '../../domain/values/page.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';
import { isSafeMethod } from '../boundary/safe-method.ts';
import type { ListRequest } from '../request/list-request.ts';
import { pageBody } from './page-body.ts';

/** Sets headers for a replay, for the positions of streams, and for skills that were left out. */
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

/** The first 20 names, percent-encoded; `+3` counts the rest. */
function namesHeader(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(encodeURIComponent);
  const rest = names.length - shown.length;
  return [...shown, ...(rest > 0 ? [`+${rest}`] : [])].join(', ');
}

/** What an answer is made from. */
interface AnswerParts {
  readonly answer: Answer;
  /** What the handler returned. */
  readonly value: unknown;
  readonly list: ListRequest | undefined;
  /** The path under which clients reach this server. */
  readonly basePath: string;
}

/** Sends what the handler of an endpoint with this answer returned. */
export function sendAnswer(
  req: Request,
  res: ExpressResponse,
  { answer, value, list, basePath }: AnswerParts,
): void {
  if (answer.kind === 'created') {
    res.statusCode = 201;
    // The types of `endpoint` make the handler return what the schema of its answer says.
    res.setHeader('Location', basePath + answer.location(value as never));
  }
  const tag = answer.kind === 'entity' || answer.kind === 'created' ? entityTagOf(value) : undefined;
  if (tag !== undefined) res.setHeader('ETag', tag);
  if (tag !== undefined && isSafeMethod(req.method) && matchesEntityTag(req.headers['if-none-match'], tag)) {
    res.statusCode = 304;
    res.end();
    return;
  }
  const body = bodyOf(res, answer, value, list);
  res.setHeader('Content-Type', answer.kind === 'text' ? answer.type : 'application/json; charset=utf-8');
  // Node sets the length of what it sends, and it sends no body to HEAD.
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
  // The types of `endpoint` make the handler of a list return a page.
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

/** If-None-Match compares weakly. The check of Express would fail when fetch adds `Cache-Control: no-cache`. */
function matchesEntityTag(header: string | undefined, tag: string): boolean {
  return header?.split(',').some((one) => ['*', tag, `W/${tag}`].includes(one.trim())) ?? false;
}
