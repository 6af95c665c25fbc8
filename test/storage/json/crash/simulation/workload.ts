import { kinds, logKinds } from '../../../../../src/application/store/collections.ts';
import type { Reader, Store } from '../../../../../src/application/store/store.ts';
import { eventNames } from '../../../../../src/domain/events.ts';
import type { Retention } from '../../../../../src/storage/retention.ts';
import type { Random } from '../../../../support/samples/random.ts';
import { sampleStreams } from '../../../contract/read-everything.ts';
import { generateId } from '../../../model/generated-values.ts';
import { createMemoryStore } from '../../../model/memory-store.ts';
import type { Change } from '../../../model/model-steps.ts';
import { applyChange } from '../../../model/run-model-step.ts';

/** One step of a workload: transactions that are begun at the same time, or a restart. */
export type WorkloadStep =
  | { readonly do: 'commit'; readonly works: readonly (readonly Change[])[] }
  | { readonly do: 'restart' };

/** What is done to a store, and what it holds after each transaction. */
export interface Workload {
  readonly steps: readonly WorkloadStep[];
  /** All transactions in the order of their commits. */
  readonly works: readonly (readonly Change[])[];
  /** How many transactions make what is stored tell this. */
  readonly countByState: ReadonlyMap<string, number>;
  readonly retention: Retention;
}

const idCount = 3;
const logIdCount = 2;
const workKinds = ['tasks', 'tasks', 'tasks', 'projects', 'queues', 'documents', 'attempts'] as const;

/** The clock of every store that runs a workload. */
export const fixedClock = () => 1_770_000_000_000;

/** A random workload of so many steps. */
export async function generateWorkload(random: Random, count: number): Promise<Workload> {
  const retention = { events: random(2) === 0 ? 5 : 50_000, ageMs: 1e9 };
  const steps = Array.from({ length: count }, (): WorkloadStep => {
    if (random(7) === 0) return { do: 'restart' };
    return { do: 'commit', works: generateWorks(random, 1 + random(3)) };
  });
  return buildWorkload(steps, retention);
}

/** The workload of these steps. */
export async function buildWorkload(steps: readonly WorkloadStep[], retention: Retention): Promise<Workload> {
  const works = steps.flatMap((step) => (step.do === 'commit' ? step.works : []));
  return { steps, works, retention, countByState: await countByModelState(works, retention) };
}

/** The workload that is like another for so many transactions and then takes these. */
export async function branchWorkload(
  { works, retention }: Workload,
  count: number,
  more: readonly (readonly Change[])[],
): Promise<Workload> {
  const all = [...works.slice(0, count), ...more];
  return {
    steps: [{ do: 'commit', works: more }],
    works: all,
    retention,
    countByState: await countByModelState(all, retention),
  };
}

/** So many random transactions. */
export function generateWorks(random: Random, count: number): Change[][] {
  return generateList(count, () => generateList(1 + random(4), () => generateChange(random)));
}

async function countByModelState(
  works: readonly (readonly Change[])[],
  retention: Retention,
): Promise<ReadonlyMap<string, number>> {
  const model = createMemoryStore({ now: fixedClock, retention });
  const countByState = new Map([[await model.read((reader) => serializeState(reader, retention)), 0]]);
  for (const [i, work] of works.entries()) {
    await commitWork(model, work, i + 1);
    countByState.set(await model.read((reader) => serializeState(reader, retention)), i + 1);
  }
  await model.close();
  return countByState;
}

/** Commits the work; the events of the workspace count the transactions. Resolves to their epochs. */
export async function commitWork(store: Store, work: readonly Change[], number: number): Promise<string> {
  const { positions } = await store.transaction('tester', async (tx) => {
    for (const name of sampleStreams) await tx.lock(name);
    for (const one of work) await applyChange(tx, one);
    tx.emit('workspace:restored', { lines: number });
  });
  return sampleStreams.map((name) => positions.get(name)?.epoch).join();
}

/** How many transactions the reader sees, and the epochs of their streams. */
export async function readCommitCount(
  reader: Reader,
): Promise<{ readonly count: number; readonly epochs: string }> {
  const heads = await Promise.all(sampleStreams.map((name) => reader.events.head(name)));
  return { count: heads.at(-1)?.seq ?? 0, epochs: heads.map((head) => head.epoch).join() };
}

/** All that the reader shows, as text. */
export async function serializeState(reader: Reader, { events }: Retention): Promise<string> {
  const shown: unknown[] = [];
  for (const kind of kinds) shown.push((await reader[kind].list({ limit: 99 })).items);
  for (const kind of logKinds) {
    for (let id = 0; id < logIdCount; id++) shown.push(await reader[kind].read(generateId(kind, id), 0, 1e6));
  }
  for (const name of sampleStreams) {
    const { seq } = await reader.events.head(name);
    const kept = await reader.events.read(name, Math.max(0, seq - events), 1e6);
    // Stores order the fields of an event as they like.
    shown.push(
      seq,
      kept.map((event) => [event.seq, event.name, event.data, event.timestamp, event.actor]),
    );
  }
  return JSON.stringify(shown);
}

function generateChange(random: Random): Change {
  const [id, seed] = [random(idCount), random(40)];
  const kind = workKinds[random(workKinds.length)] ?? 'tasks';
  const log = logKinds[random(logKinds.length)] ?? 'timeline';
  switch (random(9)) {
    case 0:
    case 1:
      return { do: 'insert', kind, id, seed };
    case 2:
    case 3:
    case 4:
      return { do: 'update', kind, id, seed, behind: 0 };
    case 5:
      return { do: 'delete', kind, id };
    case 6:
      return { do: 'append', log, id: random(logIdCount), seed, count: 1 + random(3) };
    case 7:
      return { do: 'emit', event: eventNames.indexOf('task:updated') + random(3) * eventNames.length };
    default:
      return { do: 'drop', log, id: random(logIdCount) };
  }
}

function generateList<T>(length: number, make: () => T): T[] {
  return Array.from({ length }, make);
}
