import type { LogEntryOf, LogKind } from '../../../application/store/collections.ts';
import type { LogItem, LogReader, LogRepository } from '../../../application/store/store.ts';
import { assertId, isId } from '../../transaction-scope.ts';
import { serializeJson } from '../connection/postgres-json.ts';
import type { PostgresTransactionScope } from './postgres-transaction-scope.ts';

const endOfLog = 'select coalesce(max(n), 0) as n from log_entries where log = $1 and id = $2';

/** The logs of one kind, one row for each entry. */
export class PostgresLogs<L extends LogKind> implements LogReader<L> {
  protected readonly log: L;
  protected readonly scope: PostgresTransactionScope;

  constructor(log: L, scope: PostgresTransactionScope) {
    this.log = log;
    this.scope = scope;
  }

  async count(id: string): Promise<number> {
    const { connection } = this.scope;
    if (!isId(id)) return 0;
    const [row] = await connection.queryPrepared<{ n: number }>(endOfLog, [this.log, id]);
    return row?.n ?? 0;
  }

  async read(id: string, after: number, limit: number): Promise<readonly LogItem<L>[]> {
    const { connection } = this.scope;
    if (!isId(id)) return [];
    return connection.queryPrepared<LogItem<L>>(
      'select n, entry from log_entries where log = $1 and id = $2 and n > $3 order by n limit $4',
      [this.log, id, after, limit],
    );
  }
}

/** The logs of one kind, with the right to change them. */
export class PostgresLogRepository<L extends LogKind> extends PostgresLogs<L> implements LogRepository<L> {
  async append(id: string, projectId: string, entry: LogEntryOf<L>): Promise<number> {
    const { connection } = this.scope;
    assertId(id);
    this.scope.assertLocked(projectId);
    const text = serializeJson(entry);
    this.scope.hasWrites = true;
    const [row] = await connection.queryPrepared<{ n: number }>(
      `insert into log_entries (log, id, n, entry) values ($1, $2, (${endOfLog}) + 1, $3) returning n`,
      [this.log, id, text],
    );
    return row?.n ?? 0;
  }

  async drop(id: string, projectId: string): Promise<void> {
    const { connection } = this.scope;
    assertId(id);
    this.scope.assertLocked(projectId);
    this.scope.hasWrites = true;
    await connection.queryPrepared('delete from log_entries where log = $1 and id = $2', [this.log, id]);
  }
}
