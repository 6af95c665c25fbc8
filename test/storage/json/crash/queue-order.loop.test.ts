import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Store } from '../../../../src/application/store.ts';
import { streamOf } from '../../../../src/domain/channel.ts';
import { AppError } from '../../../../src/domain/errors.ts';
import type { Queue, QueueItem } from '../../../../src/domain/queue.ts';
import { openJsonStore } from '../../../../src/storage/json/json-store.ts';
import { createMemoryStore } from '../../../../src/storage/memory/memory-store.ts';
import { type Bench, call, openServices, projectWithTasks } from '../../../support/open-services.ts';
import { size } from '../../../support/size.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { simulatedOptions } from './store-life.ts';

/** Something that a client does with the one queue there is; tasks are counted. */
type Operation =
  | { readonly do: 'start' | 'complete' | 'fail' | 'skip' | 'look' }
  | { readonly do: 'push' | 'delete'; readonly task: number };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('start', 'complete', 'fail', 'skip', 'look') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('push'), task: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete'), task: fc.nat(4) }) },
) as fc.Arbitrary<Operation>;

const clients = fc.array(fc.array(operation, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 4 });

/** A queue of three of five tasks, over some store. */
class QueueBench {
  readonly #bench: Bench;
  readonly #taskIds: readonly string[];
  readonly sessionId: string;
  readonly projectId: string;

  static async make(store: Store): Promise<QueueBench> {
    const bench = openServices({}, store);
    const { project, taskIds } = await projectWithTasks(bench, 'A', 'B', 'C', 'D', 'E');
    const queued = taskIds.slice(0, 3);
    const input = { projectId: project.id, taskIds: queued, strategy: 'queue' as const };
    const { id } = await bench.services.sessions.create(call(), input);
    return new QueueBench(bench, taskIds, id, project.id);
  }

  constructor(bench: Bench, taskIds: readonly string[], sessionId: string, projectId: string) {
    this.#bench = bench;
    this.#taskIds = taskIds;
    this.sessionId = sessionId;
    this.projectId = projectId;
  }

  /** What the operation answers; refusals by their codes, tasks by their numbers. */
  async answer(operation: Operation): Promise<unknown> {
    try {
      return this.#said(await this.#do(operation));
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
  }

  /** The queue, and the one that its events make. */
  async ends(): Promise<{ readonly queue: unknown; readonly made: unknown }> {
    const { queue } = await this.#bench.services.queues.get(call(), this.sessionId);
    return { queue, made: await queueOfEvents(this.#bench.store, this.projectId) };
  }

  /** The queue with tasks by their numbers, for comparison with that of another bench. */
  async queue(): Promise<unknown> {
    const { queue } = await this.#bench.services.queues.get(call(), this.sessionId);
    return { items: queue.items.map((item) => this.#item(item)), currentIndex: queue.currentIndex };
  }

  #do(operation: Operation): Promise<object | undefined> {
    const { queues, tasks } = this.#bench.services;
    const { sessionId } = this;
    switch (operation.do) {
      case 'start':
        return queues.start(call(), sessionId, 0);
      case 'fail':
        return queues.fail(call(), sessionId, 'Clouds.');
      case 'look':
        return queues.get(call(), sessionId).then(() => ({}));
      case 'push':
        return queues.push(call(), sessionId, this.#taskIds[operation.task] ?? '');
      case 'delete':
        return tasks.remove(call(), this.#taskIds[operation.task] ?? '').then(() => ({}));
      default:
        return queues[operation.do](call(), sessionId);
    }
  }

  #said(answer: object | undefined): unknown {
    const parts = Object.entries(answer ?? {}).filter(([name]) => /item$/i.test(name));
    return parts.map(([name, item]: [string, QueueItem | null]) => [name, item && this.#item(item)]);
  }

  #item({ taskId, status, failReason }: QueueItem): unknown {
    return [this.#taskIds.indexOf(taskId), status, failReason];
  }
}

async function queueOfEvents(store: Store, projectId: string): Promise<Queue | undefined> {
  const events = await store.read((reader) => reader.events.read(streamOf(projectId), 0, 10_000));
  let queue: Queue | undefined;
  for (const { name, data } of events) {
    if (name === 'queue:created') queue = data.queue;
    if (queue === undefined || !('item' in data)) continue;
    const { index, item, currentIndex, updatedAt, version } = data;
    queue = { ...queue, items: queue.items.toSpliced(index, 1, item), currentIndex, updatedAt, version };
  }
  return queue;
}

it('[CR11] answers operations on a queue as if they came one after the other, however their steps are mixed', async () => {
  const property = fc.asyncProperty(fc.scheduler(), clients, async (scheduler, work) => {
    const disk = new SimulatedDisk();
    const files = new SimulatedProcess(disk);
    const options = { ...simulatedOptions, checkpointBytes: 6000 };
    const store = await openJsonStore({ ...options, files });
    const inTurn: Operation[] = [];
    const current = new AsyncLocalStorage<Operation>();
    const bench = await QueueBench.make({
      ...bound(store),
      transaction: (actor, one) =>
        store.transaction(actor, (tx) => {
          const operation = current.getStore();
          if (operation !== undefined) inTurn.push(operation);
          return one(tx);
        }),
    });
    files.meddler.pause = ({ what, path }) => scheduler.schedule(Promise.resolve(), `${what} ${path}`);
    const answers = new Map<Operation, unknown>();
    const running = work.map(async (operations) => {
      for (const operation of operations) {
        await scheduler.schedule(Promise.resolve(), operation.do);
        answers.set(operation, await current.run(operation, () => bench.answer(operation)));
      }
    });
    await scheduler.waitFor(Promise.all(running));
    delete files.meddler.pause;
    await scheduler.waitIdle();

    const changing = work.flat().filter((operation) => operation.do !== 'look');
    expect(new Set(inTurn)).toStrictEqual(new Set(changing));
    const model = await QueueBench.make(createMemoryStore());
    for (const operation of inTurn)
      expect(answers.get(operation)).toStrictEqual(await model.answer(operation));
    const { queue, made } = await bench.ends();
    expect(made).toStrictEqual(queue);
    expect(await bench.queue()).toStrictEqual(await model.queue());
    files.end();
    await store.close();

    const image = disk.afterPowerCut(disk.moment, new Map());
    const after = await openJsonStore({ ...options, files: new SimulatedProcess(image) });
    expect(await after.read((reader) => reader.queues.get(bench.sessionId))).toStrictEqual(queue);
    expect(await queueOfEvents(after, bench.projectId)).toStrictEqual(queue);
    await after.close();
  });
  await fc.assert(property, { numRuns: size(25, 1000) });
});

function bound(store: Store): Store {
  return {
    read: (work) => store.read(work),
    transaction: (actor, work) => store.transaction(actor, work),
    onCommit: (listener) => store.onCommit(listener),
    health: () => store.health(),
    close: () => store.close(),
  };
}
