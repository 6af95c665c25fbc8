import { collectionOf } from '../../../application/store/collection-of.ts';
import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import { AppError } from '../../../domain/errors.ts';

/** An entity of some kind. */
export interface AnyEntity {
  readonly version: number;
}

/** The id of an entity. */
export function entityId(kind: Kind, entity: AnyEntity): string {
  // Whoever has the entity says of which kind it is.
  return collectionOf(kind).id(entity as EntityOf<Kind>);
}

/** What is wrong with the shape of an entity, undefined when nothing is. */
export function findSchemaError(kind: Kind, entity: unknown): string | undefined {
  const issue = collectionOf(kind).schema.safeParse(entity).error?.issues[0];
  return issue && `${issue.path.join('.') || 'it'}: ${issue.message}`;
}

/** Throws INTERNAL_ERROR when the entity would not be accepted at the next start. */
export function assertStorable(kind: Kind, entity: unknown): void {
  const fault = findSchemaError(kind, entity);
  if (fault === undefined) return;
  throw new AppError(
    'INTERNAL_ERROR',
    `A ${collectionOf(kind).noun} of this shape cannot be stored; ${fault}.`,
  );
}
