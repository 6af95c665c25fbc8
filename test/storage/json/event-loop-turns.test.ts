import { describe, expect, it } from 'vitest';
import { streamOfProject } from '../../../src/domain/channel.ts';
import { sampleProjectId, samples } from '../../support/samples/samples.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';
import { openStoreIn } from './disposable-store.ts';

/** More than anything reads before the others have their turn, however fast the machine is. */
const maxReads = 1_000_000;

/** Repeats the work until something else had its turn of the event loop; returns whether it had. */
async function repeatUntilTurn(work: () => Promise<unknown>): Promise<boolean> {
  let hadTurn = false;
  setImmediate(() => {
    hadTurn = true;
  });
  for (let i = 0; i < maxReads && !hadTurn; i++) await work();
  return hadTurn;
}

describe('[JS110] long work in the JSON store', () => {
  it('lets others have their turn between its reads', async () => {
    const store = await openStoreIn(await createTempFolder());
    expect(await store.read((reader) => repeatUntilTurn(() => reader.tasks.get('task_a')))).toBe(true);
  });

  it('lets others have their turn between its writes', async () => {
    const store = await openStoreIn(await createTempFolder());
    const { value } = await store.transaction('test', async (tx) => {
      await tx.lock(streamOfProject(sampleProjectId));
      let project = await tx.projects.insert({ ...samples.projects(), id: sampleProjectId });
      return repeatUntilTurn(async () => {
        project = await tx.projects.update(project);
      });
    });
    expect(value).toBe(true);
  });
});
