import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createRandom, type Random, readSeed } from '../../../../support/samples/random.ts';
import { createTempFolder } from '../../../../support/stores/temp-folder.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { openStoreIn } from '../../disposable-store.ts';
import {
  type AcknowledgedSteps,
  expectNothingLost,
  noneAcknowledged,
  startWriterProcess,
} from './writer-process.ts';

const journal = 'journal/[0-9-]*.ndjson$';
const log = '(timelines|events)/';

const everyWrite = { call: 'append', path: journal } as const;

/** The calls at which a store is killed, before or after them: each kind of call on each kind of file. */
const points = [
  { call: 'createExclusive', path: 'lock/term-' },
  { call: 'startHeartbeat', path: 'lock/owner-' },
  { call: 'replace', path: '(projects|documents)/' },
  { call: 'replace', path: 'checkpoint.json$' },
  { call: 'create', path: 'journal/.*new$' },
  { call: 'append', path: 'journal/.*new$' },
  { call: 'sync', path: 'journal/.*new$' },
  { call: 'move', path: 'journal/.*new$' },
  { call: 'create', path: journal },
  everyWrite,
  { call: 'sync', path: journal },
  { call: 'remove', path: 'journal/' },
  { call: 'create', path: log },
  { call: 'append', path: log },
  { call: 'sync', path: log },
  { call: 'move', path: 'documents/' },
  { call: 'move', path: 'activities/' },
  { call: 'remove', path: 'trash/' },
  { call: 'syncFolder', path: 'lock$' },
  { call: 'syncFolder', path: 'journal$' },
  { call: 'syncFolder', path: '(projects|documents)$' },
] as const;

it('[JS90] loses nothing acknowledged and leaves nothing half done when it is killed at any moment', async () => {
  let kill = 0;
  await killOften(loopCount(4, 1000), async (dataDir, told, random) => {
    const writers = startWriterProcess(dataDir, told, { checkpointMs: random(2) * 30_000 + 5 });
    // Now and then it is killed before it is open, in the middle of its recovery.
    if (++kill % 5 === 0) await setTimeout(random(500));
    else await writers.waitForAcknowledged(1 + random(200));
    writers.child.kill('SIGKILL');
    return writers.exited;
  });
});

it('[JS91] loses nothing acknowledged and leaves nothing half done when it is killed at any call of the file system', async () => {
  const offset = readSeed();
  let [kill, reached] = [0, 0];
  await killOften(loopCount(4, 1000), async (dataDir, told, random) => {
    const point = points[(offset + kill) % points.length] ?? everyWrite;
    const chosen = { ...point, count: 1 + random(4), after: random(2) === 0 };
    // The first comes for certain, and when something was acknowledged.
    const killAt = kill++ === 0 ? { ...everyWrite, count: 4, after: true } : chosen;
    const writers = startWriterProcess(dataDir, told, { killAt });
    // What happens once in a start does not happen a second time.
    if (await writers.waitForAcknowledged(200)) writers.child.kill('SIGKILL');
    else reached++;
    return writers.exited;
  });
  expect(reached).toBeGreaterThan(0);
});

/** Starts writers in the folder and kills them; resolves to how they ended. */
type KillOnce = (dataDir: string, told: AcknowledgedSteps, random: Random) => Promise<number | string>;

/** What is looked into grows with every kill of a folder, so that many have one, but not all. */
const killsInFolder = 50;

/** Lets so many processes be killed, in two folders at a time when they are many. */
async function killOften(kills: number, killOnce: KillOnce): Promise<void> {
  const seed = readSeed();
  const work = async (first: number, step: number) => {
    for (let done = first; done < kills; done += step) {
      await killInOneFolder(Math.min(killsInFolder, kills - done), killOnce, seed + done);
    }
  };
  await Promise.all([work(0, 2 * killsInFolder), work(killsInFolder, 2 * killsInFolder)]);
  process.stdout.write(`${kills} kills, from TEST_SEED=${seed}\n`);
}

/** Lets processes be killed one after the other in one folder, and looks into it after some of them. */
async function killInOneFolder(kills: number, killOnce: KillOnce, seed: number): Promise<void> {
  const random = createRandom(seed);
  const dataDir = await createTempFolder();
  const told = noneAcknowledged();
  for (let kill = 1; kill <= kills; kill++) {
    expect(await killOnce(dataDir, told, random)).toBe('SIGKILL');
    await expectReadable(dataDir);
    if (random(3) > 0 && kill < kills) continue;
    const store = await openStoreIn(dataDir);
    await store.read((reader) => expectNothingLost(reader, told, `seed ${seed}, kill ${kill}`));
    await store.close();
  }
  expect(Math.max(...told)).toBeGreaterThan(0);
}

async function expectReadable(dataDir: string): Promise<void> {
  const files = await readdir(dataDir, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    JSON.parse(await readFile(join(dataDir, file), 'utf8'));
  }
}
