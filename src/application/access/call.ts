import type { Actor } from '../../domain/access/access.ts';
import type { Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import type { Position } from '../../domain/position.ts';

/** One attempt at a use case: who acts, under which key a retry is known, and what the caller last saw. */
export interface Call {
  readonly actor: Actor;
  /** Set when the client gave an Idempotency-Key: the first outcome under it is the outcome of every retry. */
  readonly idempotency?:
    | { readonly key: string; readonly route: string; readonly fingerprint: string }
    | undefined;
  /** The version the client last saw of what it changes. */
  readonly ifMatch?: number | undefined;
  /** Where the client last was in each stream that it follows. */
  readonly since?: ReadonlyMap<Stream, Position> | undefined;
  /** Ends when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** What the transport tells the client beside the answer. */
  readonly outcome: Outcome;
}

/** What happened beside the value a use case returned. */
export interface Outcome {
  /** The answer is that of an earlier attempt with the same key. */
  replayed: boolean;
  /** Where the streams stood that this call read or changed. */
  readonly positions: Map<Stream, Position>;
  /** The skills that were left out because they cannot be read. */
  skippedSkills?: readonly string[];
}

/** A call by this actor, with nothing special about it. */
export function callBy(actor: Actor, extra?: Omit<Call, 'actor' | 'outcome'>): Call {
  return { actor, ...extra, outcome: { replayed: false, positions: new Map() } };
}

/** Throws PRECONDITION_FAILED when the caller saw another version of the entity than this one. */
export function assertVersionMatches(call: Call, entity: { readonly version: number }): void {
  if (call.ifMatch !== undefined && call.ifMatch !== entity.version) {
    throw new AppError(
      'PRECONDITION_FAILED',
      `It is at version ${entity.version} by now; If-Match names another.`,
      {
        version: entity.version,
      },
    );
  }
}
