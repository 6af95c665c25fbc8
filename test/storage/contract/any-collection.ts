import { collections, type FilterValue, type Kind } from '../../../src/application/store/collections.ts';

/** A collection of any kind, for tests that go through all of them. */
export interface AnyCollection {
  readonly id: (entity: unknown) => string;
  readonly project: (entity: unknown) => string | null | undefined;
  readonly filters: Readonly<Record<string, (entity: unknown) => FilterValue | readonly FilterValue[]>>;
  readonly indexes: readonly (readonly string[])[];
  readonly sorts: Readonly<Record<string, (entity: unknown) => string | number>>;
}

/** The collection of a kind, which the compiler cannot tie to the entities of that kind inside a generic function. */
export function anyCollection(kind: Kind): AnyCollection {
  return collections[kind] as unknown as AnyCollection;
}
