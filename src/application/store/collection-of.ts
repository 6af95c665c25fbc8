import type { z } from 'zod';
import { collections, type EntityOf, type FilterValue, type Kind } from './collections.ts';

/** What is known of a kind whose entities are of type `E`, whatever its filters and sorts are called. */
export interface CollectionOf<E> {
  readonly schema: z.ZodType;
  readonly noun: string;
  readonly id: (entity: E) => string;
  readonly project: (entity: E) => string | null | undefined;
  readonly filters: Readonly<Record<string, (entity: E) => FilterValue | readonly FilterValue[]>>;
  readonly indexes: readonly (readonly string[])[];
  readonly sorts: Readonly<Record<string, (entity: E) => string | number>> & {
    readonly createdAt: (entity: E) => string | number;
  };
  readonly isSeed?: (entity: E) => boolean;
  readonly lifetime?: number;
  readonly folderPerProject?: boolean;
}

// Over this mapped type the compiler ties a kind to its entities, also inside generic code.
const collectionByKind: { readonly [K in Kind]: CollectionOf<EntityOf<K>> } = collections;

/** The entry of a kind, with functions that take the entities of that kind. */
export function collectionOf<K extends Kind>(kind: K): CollectionOf<EntityOf<K>> {
  return collectionByKind[kind];
}

/** The project an entity belongs to, null for the workspace, undefined for nobody. */
export function projectOf<K extends Kind>(kind: K, entity: EntityOf<K>): string | null | undefined {
  return collectionOf(kind).project(entity);
}
