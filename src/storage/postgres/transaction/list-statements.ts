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

/** A statement and the values for it. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** What a query asks for, as statements. */
export interface ListStatements<E> {
  /** The page and one more, when there is one. */
  readonly page: Statement;
  /** How many there are in all. */
  readonly count: Statement;
  /** What the page is ordered by. */
  readonly order: Column<E>;
}

/**
 * The statements for a query of this kind. They name columns only, so the database takes whichever index serves best.
 * Throws VALIDATION_ERROR when the page continues behind a key of another order.
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
        `A page ordered by ${sort} does not continue behind such a key.`,
      );
    }
    const place = `(${addParameter(values, encodeSortKey(after.key))}, ${addParameter(values, after.id)})`;
    conditions.push(`(${order.name}, id) ${descending ? '<' : '>'} ${place}`);
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
