import {
  collections,
  type EntityOf,
  type FilterOf,
  type Kind,
  kinds,
  type SortOf,
} from '../../../application/store/collections.ts';

/** How an entity of a kind is found and ordered, as far as its table has to know beforehand. */
interface EntityTable<K extends Kind> {
  /** Whether an entity has one value of the filter, or any number of them. */
  readonly filters: { readonly [F in FilterOf<K>]: 'one' | 'many' };
  readonly sorts: { readonly [S in SortOf<K>]: 'number' | 'text' };
}

/** The table of every kind; it is named as the kind is. */
const entityTables: { readonly [K in Kind]: EntityTable<K> } = {
  projects: {
    filters: { projectId: 'one', name: 'one' },
    sorts: { createdAt: 'number', updatedAt: 'number', name: 'text' },
  },
  tasks: {
    filters: {
      projectId: 'one',
      status: 'one',
      parentId: 'one',
      priority: 'one',
      label: 'many',
      externalId: 'one',
      sessionId: 'many',
      dependency: 'many',
      reference: 'many',
    },
    sorts: { createdAt: 'number', updatedAt: 'number', title: 'text', priority: 'number' },
  },
  sessions: {
    filters: { projectId: 'one', taskId: 'many', status: 'one', idIgnoringCase: 'one' },
    sorts: { createdAt: 'number', updatedAt: 'number', name: 'text' },
  },
  queues: { filters: { projectId: 'one', taskId: 'many' }, sorts: { createdAt: 'number' } },
  documents: {
    filters: { projectId: 'one', sessionId: 'one', taskId: 'one', log: 'one' },
    sorts: { createdAt: 'number' },
  },
  templates: {
    filters: { role: 'one', activeFor: 'one' },
    sorts: { createdAt: 'number', updatedAt: 'number', name: 'text' },
  },
  tokens: { filters: { sessionId: 'one' }, sorts: { createdAt: 'number', expiresAt: 'number' } },
  attempts: { filters: {}, sorts: { createdAt: 'number' } },
  tickets: { filters: {}, sorts: { createdAt: 'number' } },
};

/** A column that the catalogue fills from the entity. */
export interface Column<E> {
  readonly name: string;
  readonly type: 'one' | 'many' | 'number' | 'text';
  readonly extract: (entity: E) => unknown;
}

/** The columns a kind is found by, by the names of its filters. */
export function filterColumns<K extends Kind>(kind: K): ReadonlyMap<string, Column<EntityOf<K>>> {
  // Made of the entry of this kind, which the compiler cannot tell of a map.
  return filterColumnsByKind.get(kind) as ReadonlyMap<string, Column<EntityOf<K>>>;
}

/** The columns a kind is ordered by, by the names of its sorts. */
export function sortColumns<K extends Kind>(kind: K): ReadonlyMap<string, Column<EntityOf<K>>> {
  // As in filterColumns.
  return sortColumnsByKind.get(kind) as ReadonlyMap<string, Column<EntityOf<K>>>;
}

/** A value of a filter as its column holds it: as JSON, which is never NULL and spells out what text cannot hold. */
export function encodeFilterKey(value: unknown): string {
  return JSON.stringify(value);
}

/** A key of an order as its column holds it: a string as bytes, which compare as its code units do. */
export function encodeSortKey(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value, 'utf16le').swap16() : value;
}

function encodeFilterKeys(value: unknown): string | string[] {
  return Array.isArray(value) ? [...new Set(value.map(encodeFilterKey))] : encodeFilterKey(value);
}

function buildColumns(
  prefix: string,
  types: object,
  values: object,
  key: (value: unknown) => unknown,
): ReadonlyMap<string, Column<never>> {
  const entries = Object.entries<Column<never>['type']>({ ...types }).map(([name, type]) => {
    // The types of the table are mapped over the names of the catalogue, so each name has its function there.
    const extract = (values as Record<string, (entity: never) => unknown>)[name] as (
      entity: never,
    ) => unknown;
    const column = `${prefix}_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    return [name, { name: column, type, extract: (entity: never) => key(extract(entity)) }] as const;
  });
  return new Map(entries);
}

const filterColumnsByKind = new Map(
  kinds.map((kind) => [
    kind,
    buildColumns('by', entityTables[kind].filters, collections[kind].filters, encodeFilterKeys),
  ]),
);
const sortColumnsByKind = new Map(
  kinds.map((kind) => [
    kind,
    buildColumns('order', entityTables[kind].sorts, collections[kind].sorts, encodeSortKey),
  ]),
);
