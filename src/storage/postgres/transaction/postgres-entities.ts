import { type CollectionOf, collectionOf } from '../../../application/store/collection-of.ts';
import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import type { EntityReader, Query } from '../../../application/store/store.ts';
import type { Page } from '../../../domain/values/page.ts';
import { isId } from '../../transaction-scope.ts';
import { buildListStatements } from './list-statements.ts';
import type { PostgresTransactionScope } from './postgres-transaction-scope.ts';

/** The entities of one kind in their table. */
export class PostgresEntities<K extends Kind> implements EntityReader<K> {
  protected readonly kind: K;
  protected readonly scope: PostgresTransactionScope;
  protected readonly entry: CollectionOf<EntityOf<K>>;

  constructor(kind: K, scope: PostgresTransactionScope) {
    this.kind = kind;
    this.scope = scope;
    this.entry = collectionOf(kind);
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
