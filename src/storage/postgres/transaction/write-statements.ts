import { type EntityOf, type Kind, kinds } from '../../../application/store/collections.ts';
import { filterColumns, sortColumns } from '../schema/entity-tables.ts';

/** The statements that change the table of one kind. */
export interface WriteStatements<E> {
  /** Takes the id, the version, the document and the values; fails when the id is taken. */
  readonly insert: string;
  /** The same, and returns a row unless the id is taken. */
  readonly insertIfAbsent: string;
  /** Takes the id, the present version, the next one, the document and the values; fails when the version is another. */
  readonly update: string;
  /** Takes the id and the present version; returns a row when it was that one. */
  readonly delete: string;
  /** What the columns beside the document hold for an entity. */
  readonly columnValues: (entity: E) => unknown[];
}

/** The statements for this kind. */
export function writeStatementsFor<K extends Kind>(kind: K): WriteStatements<EntityOf<K>> {
  // Made for this kind, which the compiler cannot tell of a map.
  return statements.get(kind) as WriteStatements<EntityOf<K>>;
}

const statements = new Map(kinds.map((kind) => [kind, buildWriteStatements(kind)]));

function buildWriteStatements<K extends Kind>(kind: K): WriteStatements<EntityOf<K>> {
  const columns = [...filterColumns(kind).values(), ...sortColumns(kind).values()];
  const names = ['version', 'doc', ...columns.map((column) => column.name)];
  const insert = `insert into ${kind} (id, ${names}) values ($1, ${names.map((_, i) => `$${i + 2}`)})`;
  return {
    insert,
    insertIfAbsent: `${insert} on conflict (id) do nothing returning 1 as done`,
    // A division by zero ends the transaction also when its commit is on the way already.
    update: `with changed as (
      update ${kind} set ${names.map((name, i) => `${name} = $${i + 3}`)}
      where id = $1 and version = $2 returning 1
    ) select 1 / count(*) from changed`,
    delete: `delete from ${kind} where id = $1 and version = $2 returning 1 as done`,
    columnValues: (entity) => columns.map((column) => column.extract(entity)),
  };
}
