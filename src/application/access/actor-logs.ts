import type { LogEntryOf, LogKind } from '../store/collections.ts';
import type { LogItem, LogOwner, LogReader, LogRepository } from '../store/store.ts';
import type { Visibility } from './visibility.ts';

/** The logs of one kind, as far as they exist for the actor; see LogReader. */
export class ActorLogs<L extends LogKind> {
  protected readonly visibility: Visibility;
  readonly #source: LogReader<L>;

  constructor(visibility: Visibility, source: LogReader<L>) {
    this.visibility = visibility;
    this.#source = source;
  }

  async count(owner: LogOwner): Promise<number> {
    this.visibility.requireProject(owner.projectId);
    return this.#source.count(owner.id);
  }

  async read(owner: LogOwner, after: number, limit: number): Promise<readonly LogItem<L>[]> {
    this.visibility.requireProject(owner.projectId);
    return this.#source.read(owner.id, after, limit);
  }
}

/** The same with the right to append; see LogRepository. */
export class ActorLogRepository<L extends LogKind> extends ActorLogs<L> {
  readonly #repository: LogRepository<L>;

  constructor(visibility: Visibility, repository: LogRepository<L>) {
    super(visibility, repository);
    this.#repository = repository;
  }

  async append(owner: LogOwner, entry: LogEntryOf<L>): Promise<number> {
    this.visibility.requireProject(owner.projectId);
    this.visibility.hasWritten = true;
    return this.#repository.append(owner.id, owner.projectId, entry);
  }

  async drop(owner: LogOwner): Promise<void> {
    this.visibility.requireProject(owner.projectId);
    this.visibility.hasWritten = true;
    await this.#repository.drop(owner.id, owner.projectId);
  }
}
