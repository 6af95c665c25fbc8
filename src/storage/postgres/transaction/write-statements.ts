import { type EntityOf, type Kind, kinds } from '../../../application/store/collections.ts';
import { filterColumns, sortColumns } from '../schema/entity-tables.ts';

/** The statements that change the table of one kind. */
export interface WriteStatements<E> {
  /** Parameters: id, version, document, column values. Fails when the id exists. */
  readonly insert: string;
  /** As `insert`, but returns a row, or none when the id exists. */
  readonly insertIfAbsent: string;
  /** Parameters: id, present version, next version, document, column values. Fails when the version differs. */
  readonly update: string;
  /** Parameters: id, present version. Returns a row, or none when the version differs. */
  readonly delete: string;
  /** The values of the filter and sort columns for an entity. */
  readonly columnValues: (entity: E) => unknown[];
}

/** The statements for this kind. */
export function writeStatementsFor<K extends Kind>(kind: K): WriteStatements<EntityOf<K>> {
  // The map holds the statements of this kind under this key, which its type cannot express.
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
    // A division by zero aborts the transaction, even when its commit has been sent already.
    update: `with changed as (
      update ${kind} set ${names.map((name, i) => `${name} = $${i + 3}`)}
      where id = $1 and version = $2 returning 1
    ) select 1 / count(*) from changed`,
    delete: `delete from ${kind} where id = $1 and version = $2 returning 1 as done`,
    columnValues: (entity) => columns.map((column) => column.extract(entity)),
  };
}
