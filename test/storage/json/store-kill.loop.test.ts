import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Reader } from '../../../src/application/store.ts';
import { randomFrom, seedOfRun } from '../../support/random.ts';
import { size } from '../../support/size.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { openIn } from './disposable-store.ts';

const script = join(import.meta.dirname, 'killed-writer.mjs');
const writers = 6;

it('[JS90] loses nothing acknowledged and leaves nothing half done when it is killed at any moment', async () => {
  const seed = seedOfRun();
  const random = randomFrom(seed);
  const dataDir = await tempFolder();
  const acknowledged = new Array<number>(writers).fill(0);
  const kills = size(8, 200);
  for (let kill = 1; kill <= kills; kill++) {
    // Now and then it is killed before it is open, in the middle of its recovery.
    const afterOpen = random(5) > 0;
    await killAfter(dataDir, random(150), afterOpen, random(2) * 30_000 + 5, acknowledged);
    await assertReadable(dataDir);
    if (random(3) > 0 && kill < kills) continue;
    const store = await openIn(dataDir);
    await store.read(async (reader) => {
      for (let writer = 0; writer < writers; writer++) {
        await assertWhole(reader, writer, acknowledged[writer] ?? 0, `seed ${seed}, kill ${kill}`);
      }
    });
    await store.close();
  }
  expect(Math.min(...acknowledged)).toBeGreaterThan(0);
}, 1_800_000);

/** Runs the writers for so long and kills them; notes what they say was acknowledged. */
async function killAfter(
  dataDir: string,
  milliseconds: number,
  afterOpen: boolean,
  checkpointMs: number,
  acknowledged: number[],
): Promise<void> {
  const child = spawn(process.execPath, [script, dataDir, String(writers), String(checkpointMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const said = once(lines, 'close');
  const opened = once(lines, 'line');
  lines.on('line', (line) => {
    const [writer, step] = line.split(' ').map(Number);
    if (writer !== undefined && step !== undefined) acknowledged[writer] = step;
  });
  if (afterOpen) await opened;
  await setTimeout(milliseconds);
  child.kill('SIGKILL');
  const [code, signal] = await exited;
  expect([code, signal]).toStrictEqual([null, 'SIGKILL']);
  await said;
}

async function assertReadable(dataDir: string): Promise<void> {
  const files = await readdir(dataDir, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    JSON.parse(await readFile(join(dataDir, file), 'utf8'));
  }
}

/** The steps of a writer up to some step that is not before the last acknowledged: all of each, none of any other. */
async function assertWhole(
  reader: Reader,
  writer: number,
  acknowledged: number,
  context: string,
): Promise<void> {
  const sessionId = `sess_${writer}`;
  const project = await reader.projects.get(`proj_${writer}`);
  const step = Number(project?.name ?? 0);
  expect(step, context).toBeGreaterThanOrEqual(acknowledged);
  const documents = await reader.documents.list({ where: { sessionId }, limit: 10 });
  const events = await reader.events.read(`project:proj_${writer}`, 0, 1_000_000);
  const timeline = await reader.timeline.read(sessionId, 0, 1_000_000);
  expect(
    {
      version: project?.version ?? 0,
      documents: documents.items.map((document) => Number(document.title)),
      events: events.map((event) => event.name === 'project:updated' && Number(event.data.name)),
      timeline: timeline.map(({ n, entry }) => [n, entry.timestamp]),
      activity: await reader.activity.count(sessionId),
    },
    context,
  ).toStrictEqual({
    version: step,
    documents: [step - 1, step].filter((one) => one > 0),
    events: upTo(step),
    timeline: upTo(step).map((one) => [one, one]),
    activity: step === 0 ? 0 : ((step - 1) % 10) + 1,
  });
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}
