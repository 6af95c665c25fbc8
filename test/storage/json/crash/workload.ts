import { kinds, logKinds } from '../../../../src/application/store/collections.ts';
import type { Reader, Store } from '../../../../src/application/store/store.ts';
import { eventNames } from '../../../../src/domain/events.ts';
import { createMemoryStore } from '../../../../src/storage/memory/memory-store.ts';
import type { Retention } from '../../../../src/storage/retention.ts';
import type { Random } from '../../../support/random.ts';
import { streams } from '../../contract/everything.ts';
import { change } from '../../model/answers.ts';
import { madeId } from '../../model/made-values.ts';
import type { Change } from '../../model/steps.ts';

/** One step of a workload: transactions that are begun at the same time, or a restart. */
export type WorkStep =
  | { readonly do: 'commit'; readonly works: readonly (readonly Change[])[] }
  | { readonly do: 'restart' };

/** What is done to a store, and what it holds after each transaction. */
export interface Workload {
  readonly steps: readonly WorkStep[];
  /** All transactions in the order of their commits. */
  readonly works: readonly (readonly Change[])[];
  /** How many transactions make what is stored tell this. */
  readonly countByState: ReadonlyMap<string, number>;
  readonly retention: Retention;
}

const ids = 3;
const logIds = 2;
const workKinds = ['tasks', 'tasks', 'tasks', 'projects', 'queues', 'documents', 'attempts'] as const;

/** The clock of every store that runs a workload. */
export const workClock = () => 1_770_000_000_000;

/** A random workload of so many steps. */
export async function madeWorkload(random: Random, count: number): Promise<Workload> {
  const retention = { events: random(2) === 0 ? 5 : 50_000, ageMs: 1e9 };
  const steps = Array.from({ length: count }, (): WorkStep => {
    if (random(7) === 0) return { do: 'restart' };
    return { do: 'commit', works: madeWorks(random, 1 + random(3)) };
  });
  return modelledWorkload(steps, retention);
}

/** The workload of these steps. */
export async function modelledWorkload(steps: readonly WorkStep[], retention: Retention): Promise<Workload> {
  const works = steps.flatMap((step) => (step.do === 'commit' ? step.works : []));
  return { steps, works, retention, countByState: await modelled(works, retention) };
}

/** The workload that is like another for so many transactions and then takes these. */
export async function branchedWorkload(
  { works, retention }: Workload,
  count: number,
  more: readonly (readonly Change[])[],
): Promise<Workload> {
  const all = [...works.slice(0, count), ...more];
  return {
    steps: [{ do: 'commit', works: more }],
    works: all,
    retention,
    countByState: await modelled(all, retention),
  };
}

/** So many random transactions. */
export function madeWorks(random: Random, count: number): Change[][] {
  return madeList(count, () => madeList(1 + random(4), () => madeChange(random)));
}

async function modelled(
  works: readonly (readonly Change[])[],
  retention: Retention,
): Promise<ReadonlyMap<string, number>> {
  const model = createMemoryStore({ now: workClock, retention });
  const countByState = new Map([[await model.read((reader) => stateOf(reader, retention)), 0]]);
  for (const [i, work] of works.entries()) {
    await runWork(model, work, i + 1);
    countByState.set(await model.read((reader) => stateOf(reader, retention)), i + 1);
  }
  await model.close();
  return countByState;
}

/** Commits the work; the events of the workspace count the transactions. Resolves to their epochs. */
export async function runWork(store: Store, work: readonly Change[], number: number): Promise<string> {
  const { positions } = await store.transaction('tester', async (tx) => {
    for (const name of streams) await tx.lock(name);
    for (const one of work) await change(tx, one);
    tx.emit('workspace:restored', { lines: number });
  });
  return streams.map((name) => positions.get(name)?.epoch).join();
}

/** How many transactions the reader sees, and the epochs of their streams. */
export async function countOf(reader: Reader): Promise<{ readonly count: number; readonly epochs: string }> {
  const heads = await Promise.all(streams.map((name) => reader.events.head(name)));
  return { count: heads.at(-1)?.seq ?? 0, epochs: heads.map((head) => head.epoch).join() };
}

/** All that the reader shows, as text. */
export async function stateOf(reader: Reader, { events }: Retention): Promise<string> {
  const shown: unknown[] = [];
  for (const kind of kinds) shown.push((await reader[kind].list({ limit: 99 })).items);
  for (const kind of logKinds) {
    for (let id = 0; id < logIds; id++) shown.push(await reader[kind].read(madeId(kind, id), 0, 1e6));
  }
  for (const name of streams) {
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

function madeChange(random: Random): Change {
  const [id, seed] = [random(ids), random(40)];
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
      return { do: 'append', log, id: random(logIds), seed, count: 1 + random(3) };
    case 7:
      return { do: 'emit', event: eventNames.indexOf('task:updated') + random(3) * eventNames.length };
    default:
      return { do: 'drop', log, id: random(logIds) };
  }
}

function madeList<T>(length: number, make: () => T): T[] {
  return Array.from({ length }, make);
}
