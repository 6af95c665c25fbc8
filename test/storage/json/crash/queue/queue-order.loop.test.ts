import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openJsonStore } from '../../../../../src/storage/json/open-json-store.ts';
import { createRandom } from '../../../../support/samples/random.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { createMemoryStore } from '../../../model/memory-store.ts';
import { randomPowerCut } from '../simulation/power-cuts.ts';
import { SimulatedDisk } from '../simulation/simulated-disk.ts';
import { SimulatedProcess } from '../simulation/simulated-process.ts';
import { simulatedOptions } from '../simulation/store-run.ts';
import {
  clientOperations,
  type Operation,
  OperationLog,
  QueueHarness,
  replayQueue,
} from './queue-harness.ts';

const options = { ...simulatedOptions, checkpointBytes: 6000 };

/** Lets the clients work at the same time, every step of theirs and of the disk when it is scheduled, while they are answered. */
async function workMixed(
  scheduler: fc.Scheduler,
  files: SimulatedProcess,
  work: readonly (readonly Operation[])[],
  run: (operation: Operation) => Promise<boolean>,
): Promise<void> {
  files.interceptor.pause = ({ operation, path }) =>
    scheduler.schedule(Promise.resolve(), `${operation} ${path}`);
  const running = work.map(async (operations) => {
    for (const operation of operations) {
      await scheduler.schedule(Promise.resolve(), operation.do);
      if (!(await run(operation))) return;
    }
  });
  await scheduler.waitFor(Promise.all(running));
  delete files.interceptor.pause;
  await scheduler.waitIdle();
}

/** Expects the queue to be what its events make of it, and that of the model. */
async function expectSame(bench: QueueHarness, model: QueueHarness): Promise<unknown> {
  const { readQueue, made } = await bench.readWithReplay();
  expect(made).toStrictEqual(readQueue);
  expect(await bench.queue()).toStrictEqual(await model.queue());
  return readQueue;
}

it('[CR11] answers operations on a queue as if they came one after the other, however their steps are mixed', async () => {
  const property = fc.asyncProperty(fc.scheduler(), clientOperations, async (scheduler, work) => {
    const disk = new SimulatedDisk();
    const files = new SimulatedProcess(disk);
    const store = await openJsonStore({ ...options, files });
    const log = new OperationLog();
    const bench = await QueueHarness.make(log.observe(store));
    await workMixed(scheduler, files, work, (operation) => log.run(bench, operation));

    const changing = work.flat().filter((operation) => operation.do !== 'look');
    expect(new Set(log.executionOrder)).toStrictEqual(new Set(changing));
    const model = await QueueHarness.make(createMemoryStore());
    for (const operation of log.executionOrder)
      expect(log.answers.get(operation)).toStrictEqual(await model.execute(operation));
    const queue = await expectSame(bench, model);
    files.kill();
    await store.close();

    const image = disk.afterPowerCut(disk.moment, new Map());
    const after = await openJsonStore({ ...options, files: new SimulatedProcess(image) });
    expect(await after.read((reader) => reader.queues.get(bench.sessionId))).toStrictEqual(queue);
    expect(await replayQueue(after, bench.projectId)).toStrictEqual(queue);
    await after.close();
  });
  await fc.assert(property, { numRuns: loopCount(25, 1000) });
});

it('[CR14] the same holds over a power cut in the middle: what was answered is there, and the rest goes on from what is', async () => {
  let cuts = 0;
  const cutAt = fc.record({ step: fc.nat(120), seed: fc.nat() });
  const property = fc.asyncProperty(fc.scheduler(), clientOperations, cutAt, async (scheduler, work, cut) => {
    const disk = new SimulatedDisk();
    const files = new SimulatedProcess(disk);
    const store = await openJsonStore({ ...options, files });
    const before = new OperationLog();
    const bench = await QueueHarness.make(before.observe(store));
    let step = 0;
    files.interceptor.before = () => {
      if (step++ < cut.step) return;
      cuts++;
      files.kill();
    };
    await workMixed(scheduler, files, work, (operation) => before.run(bench, operation));
    files.kill();
    await store.close();

    const { outcomes } = randomPowerCut(disk.unsyncedAt(disk.moment), createRandom(cut.seed));
    const next = new SimulatedProcess(disk.afterPowerCut(disk.moment, outcomes));
    const reopened = await openJsonStore({ ...options, files: next });
    const after = new OperationLog();
    const again = bench.withStore(after.observe(reopened));
    const model = await QueueHarness.make(createMemoryStore());
    await catchUp(model, before, await again.countEvents());
    await expectSame(again, model);

    const isLeft = (operation: Operation) =>
      !before.executionOrder.includes(operation) && !before.answers.has(operation);
    const rest = work.map((operations) => operations.filter(isLeft));
    await workMixed(scheduler, next, rest, (operation) => after.run(again, operation));
    for (const operation of after.executionOrder)
      expect(after.answers.get(operation)).toStrictEqual(await model.execute(operation));
    await expectSame(again, model);
    await reopened.close();
  });
  await fc.assert(property, { numRuns: loopCount(12, 1000) });
  expect(cuts).toBeGreaterThan(0);
});

/** Does with the model what had its turn before a power cut and is there behind it: all that was answered, and maybe more. */
async function catchUp(
  model: QueueHarness,
  { executionOrder, answers }: OperationLog,
  head: number,
): Promise<void> {
  const last = executionOrder.findLastIndex((operation) => answers.has(operation));
  for (const [i, operation] of executionOrder.entries()) {
    if (i > last && (await model.countEvents()) === head) break;
    const answer = await model.execute(operation);
    if (answers.has(operation)) expect(answers.get(operation)).toStrictEqual(answer);
  }
  expect(await model.countEvents()).toBe(head);
}
