import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openJsonStore } from '../../../../src/storage/json/json-store.ts';
import { createMemoryStore } from '../../../../src/storage/memory/memory-store.ts';
import { randomFrom } from '../../../support/random.ts';
import { size } from '../../../support/size.ts';
import { anyPowerCut } from './power-cuts.ts';
import { clients, type Operation, QueueBench, queueOfEvents, TurnLog } from './queue-bench.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { simulatedOptions } from './store-life.ts';

const options = { ...simulatedOptions, checkpointBytes: 6000 };

/** Lets the clients work at the same time, every step of theirs and of the disk when it is scheduled, while they are answered. */
async function workMixed(
  scheduler: fc.Scheduler,
  files: SimulatedProcess,
  work: readonly (readonly Operation[])[],
  run: (operation: Operation) => Promise<boolean>,
): Promise<void> {
  files.meddler.pause = ({ what, path }) => scheduler.schedule(Promise.resolve(), `${what} ${path}`);
  const running = work.map(async (operations) => {
    for (const operation of operations) {
      await scheduler.schedule(Promise.resolve(), operation.do);
      if (!(await run(operation))) return;
    }
  });
  await scheduler.waitFor(Promise.all(running));
  delete files.meddler.pause;
  await scheduler.waitIdle();
}

/** Expects the queue to be what its events make of it, and that of the model. */
async function expectSame(bench: QueueBench, model: QueueBench): Promise<unknown> {
  const { queue, made } = await bench.ends();
  expect(made).toStrictEqual(queue);
  expect(await bench.queue()).toStrictEqual(await model.queue());
  return queue;
}

it('[CR11] answers operations on a queue as if they came one after the other, however their steps are mixed', async () => {
  const property = fc.asyncProperty(fc.scheduler(), clients, async (scheduler, work) => {
    const disk = new SimulatedDisk();
    const files = new SimulatedProcess(disk);
    const store = await openJsonStore({ ...options, files });
    const log = new TurnLog();
    const bench = await QueueBench.make(log.over(store));
    await workMixed(scheduler, files, work, (operation) => log.run(bench, operation));

    const changing = work.flat().filter((operation) => operation.do !== 'look');
    expect(new Set(log.inTurn)).toStrictEqual(new Set(changing));
    const model = await QueueBench.make(createMemoryStore());
    for (const operation of log.inTurn)
      expect(log.answers.get(operation)).toStrictEqual(await model.answer(operation));
    const queue = await expectSame(bench, model);
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

it('[CR14] the same holds over a power cut in the middle: what was answered is there, and the rest goes on from what is', async () => {
  let cuts = 0;
  const cutAt = fc.record({ step: fc.nat(120), seed: fc.nat() });
  const property = fc.asyncProperty(fc.scheduler(), clients, cutAt, async (scheduler, work, cut) => {
    const disk = new SimulatedDisk();
    const files = new SimulatedProcess(disk);
    const store = await openJsonStore({ ...options, files });
    const before = new TurnLog();
    const bench = await QueueBench.make(before.over(store));
    let step = 0;
    files.meddler.before = () => {
      if (step++ < cut.step) return;
      cuts++;
      files.end();
    };
    await workMixed(scheduler, files, work, (operation) => before.run(bench, operation));
    files.end();
    await store.close();

    const { fates } = anyPowerCut(disk.unsyncedAt(disk.moment), randomFrom(cut.seed));
    const next = new SimulatedProcess(disk.afterPowerCut(disk.moment, fates));
    const reopened = await openJsonStore({ ...options, files: next });
    const after = new TurnLog();
    const again = bench.over(after.over(reopened));
    const model = await QueueBench.make(createMemoryStore());
    await catchUp(model, before, await again.head());
    await expectSame(again, model);

    const isLeft = (operation: Operation) =>
      !before.inTurn.includes(operation) && !before.answers.has(operation);
    const rest = work.map((operations) => operations.filter(isLeft));
    await workMixed(scheduler, next, rest, (operation) => after.run(again, operation));
    for (const operation of after.inTurn)
      expect(after.answers.get(operation)).toStrictEqual(await model.answer(operation));
    await expectSame(again, model);
    await reopened.close();
  });
  await fc.assert(property, { numRuns: size(12, 1000) });
  expect(cuts).toBeGreaterThan(0);
});

/** Does with the model what had its turn before a power cut and is there behind it: all that was answered, and maybe more. */
async function catchUp(model: QueueBench, { inTurn, answers }: TurnLog, head: number): Promise<void> {
  const last = inTurn.findLastIndex((operation) => answers.has(operation));
  for (const [i, operation] of inTurn.entries()) {
    if (i > last && (await model.head()) === head) break;
    const answer = await model.answer(operation);
    if (answers.has(operation)) expect(answers.get(operation)).toStrictEqual(answer);
  }
  expect(await model.head()).toBe(head);
}
