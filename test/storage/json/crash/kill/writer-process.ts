import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished } from 'vitest';
import type { Reader } from '../../../../../src/application/store/store.ts';

const script = join(import.meta.dirname, 'killed-writer.mjs');
const writers = 6;

/** A call of the file system at which a process kills itself: the `count`th of its sort on a path that fits. */
export interface KillPoint {
  readonly call: string;
  readonly path: string;
  readonly count: number;
  /** Whether the call has been made by then. */
  readonly after: boolean;
}

/** How far each writer came: the steps it was told of. */
export type AcknowledgedSteps = number[];

/** A process that commits to a store on files. */
export interface WriterProcess {
  readonly child: ChildProcess;
  /** Resolves once its store is open; to false when it ends before. */
  readonly opened: Promise<boolean>;
  /** Resolves once so many transactions were acknowledged; to false when it ends before. */
  waitForAcknowledged(count: number): Promise<boolean>;
  /** Its exit code or signal, once everything it said was heard. */
  readonly exited: Promise<number | string>;
}

/** Nothing acknowledged yet. */
export function noneAcknowledged(): AcknowledgedSteps {
  return new Array<number>(writers).fill(0);
}

/** Starts a process whose writers commit until it ends, and notes in `told` what they were told of. */
export function startWriterProcess(
  dataDir: string,
  told: AcknowledgedSteps,
  options: { readonly checkpointMs?: number; readonly killAt?: KillPoint } = {},
): WriterProcess {
  const { checkpointMs = 5, killAt } = options;
  const args = [dataDir, String(writers), String(checkpointMs), JSON.stringify(killAt ?? null)];
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  const heard = once(lines, 'close');
  const ended = Promise.all([once(child, 'exit'), heard]).then(([[code, signal]]) => code ?? signal);
  const opened = Promise.race([once(lines, 'line').then(() => true), heard.then(() => false)]);
  let count = 0;
  const waiting = new Set<() => void>();
  lines.on('line', (line) => {
    const [writer, step] = line.split(' ').map(Number);
    if (writer === undefined || step === undefined) return;
    told[writer] = step;
    count++;
    for (const look of waiting) look();
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    opened,
    exited: ended,
    waitForAcknowledged: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          if (count >= wanted) resolve(true);
        };
        waiting.add(look);
        look();
        void heard.then(() => resolve(count >= wanted));
      }),
  };
}

/** Expects all steps of every writer up to some that is not before the last it was told of, and none of any other. */
export async function expectNothingLost(
  reader: Reader,
  told: AcknowledgedSteps,
  context: string,
): Promise<void> {
  for (const [writer, step] of told.entries()) await expectSteps(reader, writer, step, context);
}

async function expectSteps(reader: Reader, writer: number, told: number, context: string): Promise<void> {
  const sessionId = `sess_${writer}`;
  const project = await reader.projects.get(`proj_${writer}`);
  const step = Number(project?.name ?? 0);
  expect(step, context).toBeGreaterThanOrEqual(told);
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
