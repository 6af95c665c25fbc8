import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FileSystem } from '../../../../src/storage/json/file-system.ts';
import { size } from '../../../support/size.ts';
import { adopt, copiesOf, look, oldFolder, real } from './adopt.ts';
import { oldFiles } from './old-server.ts';

/** Everything that an adopted folder holds, whatever the times and epochs of it. */
function contents(dataDir: string): Promise<unknown> {
  return look(dataDir, async (reader) => ({
    projects: (await reader.projects.list({ limit: 100 })).items,
    tasks: (await reader.tasks.list({ limit: 100 })).items,
    sessions: (await reader.sessions.list({ limit: 100 })).items,
    queues: (await reader.queues.list({ limit: 100 })).items,
    documents: (await reader.documents.list({ limit: 100 })).items,
    templates: (await reader.templates.list({ limit: 100 })).items,
    timeline: await reader.timeline.read('sess_a', 0, 100),
    activity: await reader.activity.read('sess_a', 0, 100),
    contents: await reader.contents.read('sess_a', 0, 100),
  }));
}

it('[AD9] is itself or all adopted, wherever the process ends', async () => {
  const whole = await oldFolder();
  await adopt(whole);
  const wanted = await contents(whole);
  let ops = 0;
  await adopt(
    await oldFolder(),
    endingAfter(Number.POSITIVE_INFINITY, () => ops++),
  );
  expect(ops).toBeGreaterThan(100);
  for (let last = 0; last < ops; last += size(31, 1)) {
    const dataDir = await oldFolder();
    await adopt(dataDir, endingAfter(last)).catch(() => {});
    if (!(await readdir(dataDir)).some((name) => name === 'adopted' || name === 'store.json')) {
      for (const file of Object.keys(oldFiles)) await stat(join(dataDir, file));
    }
    expect(await contents(dataDir), `ended after ${last} of ${ops}`).toEqual(wanted);
    expect((await copiesOf(dataDir)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  }
}, 1_800_000);

/** The disk of a process that ends after so many changes to it: whatever it does then is not done. */
function endingAfter(last: number, count = () => {}): FileSystem {
  let left = last;
  const change = <Args extends readonly unknown[], T>(work: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      count();
      if (left-- <= 0) throw new Error('The process ended.');
      return work(...args);
    };
  };
  return {
    ...real,
    makeFolder: change(real.makeFolder),
    create: change(async (path) => {
      const file = await real.create(path);
      return {
        append: change((bytes) => file.append(bytes)),
        sync: change(() => file.sync()),
        close: () => file.close(),
      };
    }),
    extend: change(real.extend),
    claim: change(real.claim),
    replace: change(real.replace),
    move: change(real.move),
    remove: change(real.remove),
    syncFolder: change(real.syncFolder),
    keepFresh: async () => async () => {},
    // Whoever held it is gone.
    isRunning: () => false,
  };
}
