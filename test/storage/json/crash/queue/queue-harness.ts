import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import type { Store } from '../../../../../src/application/store/store.ts';
import { streamOfProject } from '../../../../../src/domain/channel.ts';
import { AppError } from '../../../../../src/domain/errors.ts';
import type { Queue, QueueItem } from '../../../../../src/domain/work/queue.ts';
import {
  createCall,
  openServices,
  projectWithTasks,
  type ServiceHarness,
} from '../../../../support/services/service-harness.ts';

/** Something that a client does with the one queue there is; tasks are counted. */
export type Operation =
  | { readonly do: 'start' | 'complete' | 'fail' | 'skip' | 'look' }
  | { readonly do: 'push' | 'delete'; readonly task: number };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('start', 'complete', 'fail', 'skip', 'look') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('push'), task: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete'), task: fc.nat(4) }) },
) as fc.Arbitrary<Operation>;

/** What some clients do, each one thing after the other. */
export const clientOperations = fc.array(fc.array(operation, { minLength: 1, maxLength: 6 }), {
  minLength: 2,
  maxLength: 4,
});

/** A queue of three of five tasks, over some store. */
export class QueueHarness {
  readonly #bench: ServiceHarness;
  readonly #taskIds: readonly string[];
  readonly sessionId: string;
  readonly projectId: string;

  static async make(store: Store): Promise<QueueHarness> {
    const bench = openServices({}, store);
    const { project, taskIds } = await projectWithTasks(bench, 'A', 'B', 'C', 'D', 'E');
    const queued = taskIds.slice(0, 3);
    const input = { projectId: project.id, taskIds: queued, strategy: 'queue' as const };
    const { id } = await bench.services.sessions.create(createCall(), input);
    return new QueueHarness(bench, taskIds, id, project.id);
  }

  constructor(bench: ServiceHarness, taskIds: readonly string[], sessionId: string, projectId: string) {
    this.#bench = bench;
    this.#taskIds = taskIds;
    this.sessionId = sessionId;
    this.projectId = projectId;
  }

  /** The same queue over another store that holds it. */
  withStore(store: Store): QueueHarness {
    return new QueueHarness(openServices({}, store), this.#taskIds, this.sessionId, this.projectId);
  }

  /** How many events its project has. */
  async countEvents(): Promise<number> {
    return (await this.#bench.store.read((reader) => reader.events.head(streamOfProject(this.projectId))))
      .seq;
  }

  /** What the operation answers; refusals by their codes, tasks by their numbers. */
  async execute(operation: Operation): Promise<unknown> {
    try {
      return this.#normalizeAnswer(await this.#call(operation));
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
  }

  /** The queue, and the one that its events make. */
  async readWithReplay(): Promise<{ readonly readQueue: unknown; readonly made: unknown }> {
    const { queue } = await this.#bench.services.queues.get(createCall(), this.sessionId);
    return { readQueue: queue, made: await replayQueue(this.#bench.store, this.projectId) };
  }

  /** The queue with tasks by their numbers, for comparison with that of another bench. */
  async queue(): Promise<unknown> {
    const { queue } = await this.#bench.services.queues.get(createCall(), this.sessionId);
    return { items: queue.items.map((item) => this.#normalizeItem(item)), currentIndex: queue.currentIndex };
  }

  #call(operation: Operation): Promise<object | undefined> {
    const { queues, tasks } = this.#bench.services;
    const { sessionId } = this;
    switch (operation.do) {
      case 'start':
        return queues.start(createCall(), sessionId, 0);
      case 'fail':
        return queues.fail(createCall(), sessionId, { reason: 'Clouds.' });
      case 'look':
        return queues.get(createCall(), sessionId).then(() => ({}));
      case 'push':
        return queues.push(createCall(), sessionId, this.#taskIds[operation.task] ?? '');
      case 'delete':
        return tasks.remove(createCall(), this.#taskIds[operation.task] ?? '').then(() => ({}));
      default:
        return queues[operation.do](createCall(), sessionId);
    }
  }

  #normalizeAnswer(answer: object | undefined): unknown {
    const parts = Object.entries(answer ?? {}).filter(([name]) => /item$/i.test(name));
    return parts.map(([name, item]: [string, QueueItem | null]) => [name, item && this.#normalizeItem(item)]);
  }

  #normalizeItem({ taskId, status, failReason }: QueueItem): unknown {
    return [this.#taskIds.indexOf(taskId), status, failReason];
  }
}

/** The queue that the events of the project make. */
export async function replayQueue(store: Store, projectId: string): Promise<Queue | undefined> {
  const events = await store.read((reader) => reader.events.read(streamOfProject(projectId), 0, 10_000));
  let queue: Queue | undefined;
  for (const { name, data } of events) {
    if (name === 'queue:created') queue = data.queue;
    if (queue === undefined || !('item' in data)) continue;
    const { index, item, currentIndex, updatedAt, version } = data;
    queue = { ...queue, items: queue.items.toSpliced(index, 1, item), currentIndex, updatedAt, version };
  }
  return queue;
}

/** The operation that is being done; one for all logs, as each more is a cost for every promise from then on. */
const currentOperation = new AsyncLocalStorage<Operation>();

/** Notes in which order operations had their turn at a store, and what they were answered. */
export class OperationLog {
  readonly executionOrder: Operation[] = [];
  readonly answers = new Map<Operation, unknown>();

  /** The store as operations are to see it. */
  observe(store: Store): Store {
    return {
      read: (work) => store.read(work),
      transaction: (actor, work) =>
        store.transaction(actor, (tx) => {
          const operation = currentOperation.getStore();
          if (operation !== undefined) this.executionOrder.push(operation);
          return work(tx);
        }),
      onCommit: (listener) => store.onCommit(listener),
      health: () => store.health(),
      close: () => store.close(),
    };
  }

  /** Does the operation; resolves to whether the store was there to answer it. */
  async run(bench: QueueHarness, operation: Operation): Promise<boolean> {
    const answer = await currentOperation.run(operation, () => bench.execute(operation));
    if (answer === 'STORE_FAILED' || answer === 'NOT_READY') return false;
    this.answers.set(operation, answer);
    return true;
  }
}
