import { collections, type EntityOf, type Kind } from '../../../application/store/collections.ts';
import type { EntityReader, Query } from '../../../application/store/store.ts';
import type { Page } from '../../../domain/values/page.ts';
import { isId } from '../../transaction-scope.ts';
import { buildListStatements } from './list-statements.ts';
import type { PostgresTransactionScope } from './postgres-transaction-scope.ts';

/** The entry of a kind in the catalogue, typed for its entities. */
interface Entry<E> {
  readonly noun: string;
  readonly schema: { safeParse(value: unknown): { readonly success: boolean } };
  readonly id: (entity: E) => string;
  readonly project: (entity: E) => string | null | undefined;
  readonly sorts: Readonly<Record<string, (entity: E) => string | number>>;
}

/** The entry of this kind. */
function entryOf<K extends Kind>(kind: K): Entry<EntityOf<K>> {
  // The compiler cannot tie the entry of `kind` to the entities of `kind` inside a generic function.
  return collections[kind] as unknown as Entry<EntityOf<K>>;
}

/** The entities of one kind in their table. */
export class PostgresEntities<K extends Kind> implements EntityReader<K> {
  protected readonly kind: K;
  protected readonly scope: PostgresTransactionScope;
  protected readonly entry: Entry<EntityOf<K>>;

  constructor(kind: K, scope: PostgresTransactionScope) {
    this.kind = kind;
    this.scope = scope;
    this.entry = entryOf(kind);
  }

  async get(id: string): Promise<EntityOf<K> | undefined> {
    const { connection } = this.scope;
    if (!isId(id)) return undefined;
    const sql = `select doc from ${this.kind} where id = $1`;
    return (await connection.queryPrepared<{ doc: EntityOf<K> }>(sql, [id]))[0]?.doc;
  }

  async list(query: Query<K>): Promise<Page<EntityOf<K>>> {
    const { connection } = this.scope;
    const { page, count } = buildListStatements(this.kind, query);
    const rows = await connection.query<{ doc: EntityOf<K> }>(page.sql, page.values);
    const items = rows.slice(0, query.limit).map((row) => row.doc);
    const last = items.at(-1);
    const sortKey = this.entry.sorts[query.sort ?? 'createdAt'];
    const next =
      last !== undefined && sortKey !== undefined && rows.length > items.length
        ? { key: sortKey(last), id: this.entry.id(last) }
        : null;
    if (!query.count) return { items, next };
    const [row] = await connection.query<{ total: number }>(count.sql, count.values);
    return { items, next, total: row?.total };
  }
}
