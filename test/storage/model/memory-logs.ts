import type { LogEntryOf, LogKind } from '../../../src/application/store/collections.ts';
import type { LogItem, LogReader, LogRepository } from '../../../src/application/store/store.ts';
import { assertId, type TransactionScope } from '../../../src/storage/transaction-scope.ts';
import { frozenCopy } from './frozen-copy.ts';

/** The logs of one kind in a map of arrays. */
export class MemoryLogs<L extends LogKind> implements LogReader<L> {
  protected readonly scope: TransactionScope;
  protected readonly logs: Map<string, readonly LogEntryOf<L>[]>;

  constructor(logs: Map<string, readonly LogEntryOf<L>[]>, permit: TransactionScope) {
    this.logs = logs;
    this.scope = permit;
  }

  async count(id: string): Promise<number> {
    return this.entries(id).length;
  }

  async read(id: string, after: number, limit: number): Promise<readonly LogItem<L>[]> {
    return this.entries(id)
      .slice(after, after + limit)
      .map((entry, i) => ({ n: after + i + 1, entry }));
  }

  protected entries(id: string): readonly LogEntryOf<L>[] {
    this.scope.assertOpen();
    return this.logs.get(id) ?? [];
  }
}

/** The same with the right to append. */
export class MemoryLogRepository<L extends LogKind> extends MemoryLogs<L> implements LogRepository<L> {
  async append(id: string, projectId: string, entry: LogEntryOf<L>): Promise<number> {
    const entries = this.entries(id);
    this.#assertMayChange(id, projectId);
    this.logs.set(id, [...entries, frozenCopy(entry)]);
    return entries.length + 1;
  }

  async drop(id: string, projectId: string): Promise<void> {
    this.#assertMayChange(id, projectId);
    this.logs.delete(id);
  }

  #assertMayChange(id: string, projectId: string): void {
    this.scope.assertOpen();
    assertId(id);
    this.scope.assertLocked(projectId);
  }
}
