import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Reader, Store } from '../../../../../src/application/store/store.ts';
import { createNodeFileSystem } from '../../../../../src/storage/json/disk/node-file-system.ts';
import { FolderInUseError } from '../../../../../src/storage/json/folder/folder-in-use-error.ts';
import { samples } from '../../../../support/samples/samples.ts';
import { createTempFolder } from '../../../../support/stores/temp-folder.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { writeInTransaction } from '../../../contract/store-under-test.ts';
import { openStoreIn } from '../../disposable-store.ts';
import { expectNothingLost, noneAcknowledged, startWriterProcess } from '../kill/writer-process.ts';

it('[JS38] a process that is stopped, replaced and continued harms nothing, and ends itself', async () => {
  const dataDir = await createTempFolder();
  const told = noneAcknowledged();
  for (let round = 1; round <= loopCount(2, 200); round++) {
    const owner = startWriterProcess(dataDir, told);
    expect(await owner.waitForAcknowledged(20 + (round % 7))).toBe(true);
    owner.child.kill('SIGSTOP');
    const successor = await succeed(dataDir);
    await successor.read((reader) => expectNothingLost(reader, told, `round ${round}`));
    await insertTask(successor, round);
    const before = await stepsOf(successor);

    owner.child.kill('SIGCONT');
    expect(await owner.exited).toBe(1);
    expect(
      told.every((step, writer) => step <= (before[writer] ?? 0)),
      `round ${round}`,
    ).toBe(true);
    await insertTask(successor, round + 1000);
    await successor.close();
    const next = await openStoreIn(dataDir);
    expect(await stepsOf(next)).toStrictEqual(before);
    await next.read((reader) => expectNothingLost(reader, told, `after round ${round}`));
    expect(await next.read((reader) => countTasks(reader))).toBe(2 * round);
    await next.close();
  }
});

it('[JS39] of many processes that start on the folder of one that is dead, exactly one has it', async () => {
  for (let round = 1; round <= loopCount(1, 20); round++) {
    const dataDir = await createTempFolder();
    const told = noneAcknowledged();
    const dead = startWriterProcess(dataDir, told);
    expect(await dead.opened).toBe(true);
    dead.child.kill('SIGKILL');
    await dead.exited;
    const contenders = Array.from({ length: 6 }, () => startWriterProcess(dataDir, told));
    const opened = await Promise.all(contenders.map((contender) => contender.opened));
    expect(opened.filter((isOpen) => isOpen)).toHaveLength(1);
    for (const contender of contenders) contender.child.kill('SIGKILL');
    const ends = await Promise.all(contenders.map((contender) => contender.exited));
    expect(ends.sort()).toStrictEqual([1, 1, 1, 1, 1, 'SIGKILL']);
  }
});

it('[JS39] of many that take the folder of a process nothing is seen of, exactly one has it', async () => {
  const dataDir = await createTempFolder();
  const real = createNodeFileSystem();
  const unseen = { ...real, currentProcess: () => ({ ...real.currentProcess(), host: 'elsewhere' }) };
  await openStoreIn(dataDir, { files: unseen });
  const contenders = Array.from({ length: 8 }, () => openStoreIn(dataDir, { takeoverTimeoutMs: 300 }));
  const outcomes = await Promise.allSettled(contenders);
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refusals).toHaveLength(7);
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(FolderInUseError);
});

/** Takes the folder of a process that shows no life, as soon as it has shown none for long enough. */
async function succeed(dataDir: string): Promise<Store> {
  for (;;) {
    try {
      return await openStoreIn(dataDir, { takeoverTimeoutMs: 200, checkpointIntervalMs: 20 });
    } catch (error) {
      if (!(error instanceof FolderInUseError)) throw error;
    }
    await setTimeout(20);
  }
}

function insertTask(store: Store, number: number): Promise<unknown> {
  return writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: `task_${number}` }));
}

async function countTasks(reader: Reader): Promise<number | undefined> {
  return (await reader.tasks.list({ limit: 1, count: true })).total;
}

/** How many steps of each writer a store has. */
function stepsOf(store: Store): Promise<number[]> {
  return store.read(async (reader) => {
    const projects = await Promise.all(
      noneAcknowledged().map((_, writer) => reader.projects.get(`proj_${writer}`)),
    );
    return projects.map((project) => Number(project?.name ?? 0));
  });
}
