import { collections, type EntityOf, type Kind } from '../../../application/store/collections.ts';
import { AppError } from '../../../domain/errors.ts';
import type { TableDefinition } from './record-table.ts';

/** An entity of some kind. */
export interface AnyEntity {
  readonly version: number;
}

/** What the store needs to know of a kind, whatever kind it is. */
export interface CollectionEntry<E> extends TableDefinition<E> {
  readonly noun: string;
  readonly project: (entity: E) => string | null | undefined;
  readonly folderPerProject?: boolean;
  readonly schema: { safeParse(value: unknown): { readonly error?: { readonly issues: readonly Issue[] } } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The entry of a kind in the catalogue. */
export function collectionEntry<K extends Kind>(kind: K): CollectionEntry<EntityOf<K>> {
  // The compiler cannot tie the entry of `kind` to the entities of `kind` inside generic code.
  return collections[kind] as unknown as CollectionEntry<EntityOf<K>>;
}

/** The id of an entity. */
export function entityId(kind: Kind, entity: AnyEntity): string {
  // Whoever has the entity says of which kind it is.
  return collectionEntry(kind).id(entity as EntityOf<Kind>);
}

/** What is wrong with the shape of an entity, undefined when nothing is. */
export function findSchemaError(kind: Kind, entity: unknown): string | undefined {
  const issue = collectionEntry(kind).schema.safeParse(entity).error?.issues[0];
  return issue && `${issue.path.join('.') || 'it'}: ${issue.message}`;
}

/** Throws INTERNAL_ERROR when the entity would not be accepted at the next start. */
export function assertStorable(kind: Kind, entity: unknown): void {
  const fault = findSchemaError(kind, entity);
  if (fault === undefined) return;
  throw new AppError(
    'INTERNAL_ERROR',
    `A ${collectionEntry(kind).noun} of this shape cannot be stored; ${fault}.`,
  );
}
