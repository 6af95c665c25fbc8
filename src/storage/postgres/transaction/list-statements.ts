import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import type { Query } from '../../../application/store/store.ts';
import { AppError } from '../../../domain/errors.ts';
import {
  type Column,
  encodeFilterKey,
  encodeSortKey,
  filterColumns,
  sortColumns,
} from '../schema/entity-tables.ts';

/** A statement with the values of its parameters. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** The statements of a query. */
export interface ListStatements<E> {
  /** Selects the page and one more entity, which shows that there is a next page. */
  readonly page: Statement;
  /** Counts every entity that matches. */
  readonly count: Statement;
  /** The column that orders the page. */
  readonly order: Column<E>;
}

/**
 * The statements of a query for this kind; the database chooses the index. Throws VALIDATION_ERROR when the page continues
 * after a key of another order.
 */
export function buildListStatements<K extends Kind>(kind: K, query: Query<K>): ListStatements<EntityOf<K>> {
  const values: unknown[] = [];
  const conditions = buildConditions(kind, query, values);
  const count = {
    sql: `select count(*) as total from ${kind}${whereClause(conditions)}`,
    values: [...values],
  };

  const sort: string = query.sort ?? 'createdAt';
  const order = sortColumns(kind).get(sort);
  if (order === undefined) throw new AppError('VALIDATION_ERROR', `${kind} have no order ${sort}.`);
  const { after, descending } = query;
  if (after !== undefined) {
    if (typeof after.key !== (order.type === 'text' ? 'string' : 'number')) {
      throw new AppError(
        'VALIDATION_ERROR',
        `A page ordered by ${sort} cannot continue after a key of another type.`,
      );
    }
    const position = `(${addParameter(values, encodeSortKey(after.key))}, ${addParameter(values, after.id)})`;
    conditions.push(`(${order.name}, id) ${descending ? '<' : '>'} ${position}`);
  }
  const direction = descending ? 'desc' : 'asc';
  const sql = `select id, doc from ${kind}${whereClause(conditions)}
    order by ${order.name} ${direction}, id ${direction} limit ${addParameter(values, query.limit + 1)}`;
  return { page: { sql, values }, count, order };
}

function buildConditions<K extends Kind>(kind: K, query: Query<K>, values: unknown[]): string[] {
  const conditions: string[] = [];
  const columns = filterColumns(kind);
  for (const [filter, wanted] of Object.entries<unknown>({ ...query.where })) {
    const column = columns.get(filter);
    if (wanted === undefined || column === undefined) continue;
    const keys = [wanted].flat().map(encodeFilterKey);
    if (column.type === 'many') conditions.push(`${column.name} && ${addParameter(values, keys)}::text[]`);
    else if (keys.length === 1) conditions.push(`${column.name} = ${addParameter(values, keys[0])}`);
    else conditions.push(`${column.name} = any(${addParameter(values, keys)}::text[])`);
  }
  return conditions;
}

function whereClause(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
}

function addParameter(values: unknown[], value: unknown): string {
  return `$${values.push(value)}`;
}
