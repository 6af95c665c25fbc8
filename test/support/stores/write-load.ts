import type { Store } from '../../../src/application/store/store.ts';
import { streamOfProject } from '../../../src/domain/channel.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { sampleProjectId, samples } from '../samples/samples.ts';

/** Writers that go on until they are stopped, whatever happens to the store. */
export interface WriteLoad {
  /** The tasks whose insertion was acknowledged, so far. */
  readonly acknowledged: ReadonlySet<string>;
  /** Resolves once so many more were acknowledged than when it was asked. */
  waitForMore(count: number): Promise<void>;
  /** Ends the writers; throws what they may not fail with. */
  stop(): Promise<void>;
}

const expectedErrorCodes = ['NOT_READY', 'STORE_FAILED'];

/** Lets so many writers insert tasks into each store, each told by one event. */
export function startWriteLoad(stores: readonly Store[], writers: number): WriteLoad {
  const acknowledged = new Set<string>();
  const waiting = new Set<() => void>();
  let stopped = false;
  const insert = async (store: Store, id: string) => {
    const task = { ...samples.tasks(), id };
    await store.transaction('writer', async (tx) => {
      await tx.lock(streamOfProject(sampleProjectId));
      tx.emit('task:created', await tx.tasks.insert(task));
    });
    acknowledged.add(id);
    for (const check of waiting) check();
  };
  const write = async (store: Store, name: string) => {
    for (let i = 0; !stopped; i++) {
      try {
        await insert(store, `task_${name}_${i}`);
      } catch (error) {
        if (!(error instanceof AppError) || !expectedErrorCodes.includes(error.code)) throw error;
      }
    }
  };
  const running = Promise.all(
    stores.flatMap((store, s) => Array.from({ length: writers }, (_, w) => write(store, `${s}_${w}`))),
  );
  running.catch(() => {});
  return {
    acknowledged,
    async waitForMore(count) {
      const wanted = acknowledged.size + count;
      const reached = new Promise<void>((resolve) => {
        const check = () => {
          if (acknowledged.size >= wanted) resolve();
        };
        waiting.add(check);
        check();
      });
      await Promise.race([reached, running]);
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
