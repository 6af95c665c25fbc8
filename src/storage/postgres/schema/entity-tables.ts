import {
  collections,
  type EntityOf,
  type FilterOf,
  type Kind,
  kinds,
  type SortOf,
} from '../../../application/store/collections.ts';

/** The column types that the table of a kind needs for its filters and sorts. */
interface EntityTable<K extends Kind> {
  /** Whether an entity has one value of the filter, or any number of values. */
  readonly filters: { readonly [F in FilterOf<K>]: 'one' | 'many' };
  readonly sorts: { readonly [S in SortOf<K>]: 'number' | 'text' };
}

/** The table of each kind, which has the name of the kind. */
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
    filters: { projectId: 'one', taskId: 'many', status: 'one', idIgnoringCase: 'one', needsInput: 'one' },
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

/** A column with a value that the catalogue extracts from the entity. */
export interface Column<E> {
  readonly name: string;
  readonly type: 'one' | 'many' | 'number' | 'text';
  readonly extract: (entity: E) => unknown;
}

/** The filter columns of a kind, keyed by the name of the filter. */
export function filterColumns<K extends Kind>(kind: K): ReadonlyMap<string, Column<EntityOf<K>>> {
  // The map holds the columns of this kind under this key, which its type cannot express.
  return filterColumnsByKind.get(kind) as ReadonlyMap<string, Column<EntityOf<K>>>;
}

/** The sort columns of a kind, keyed by the name of the sort. */
export function sortColumns<K extends Kind>(kind: K): ReadonlyMap<string, Column<EntityOf<K>>> {
  // As in filterColumns.
  return sortColumnsByKind.get(kind) as ReadonlyMap<string, Column<EntityOf<K>>>;
}

/** A filter value as its column holds it: as JSON, which is never NULL and escapes what text cannot hold. */
export function encodeFilterKey(value: unknown): string {
  return JSON.stringify(value);
}

/** A sort key as its column holds it: a string as bytes, which compare like its UTF-16 code units. */
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
    // EntityTable is mapped over the names of the catalogue, so every name has its function there.
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
