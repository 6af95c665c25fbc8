import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { logKinds } from '../../../src/application/store/collections.ts';
import type { Reader, Store } from '../../../src/application/store/store.ts';
import { createMemoryStore } from '../../../src/storage/memory/memory-store.ts';
import { eventSamples } from '../../support/event-samples.ts';
import { type Ear, listen } from '../../support/listen.ts';
import { everything, streams } from '../contract/everything.ts';
import { type OpenStore, stream } from '../contract/opened-store.ts';
import { ask, change, timeless } from './answers.ts';
import { madeId } from './made-values.ts';
import type { Question, Step, Work } from './steps.ts';

class ChangedMind extends Error {}

const logIds = logKinds.flatMap((log) => [0, 1, 2].map((id) => madeId(log, id)));

/** Takes an empty store and the model through the steps; throws where they differ. */
export async function compareWithModel(open: OpenStore, steps: readonly Step[]): Promise<void> {
  const model = createMemoryStore();
  const opened = await open({});
  let store = opened.store;
  let ear = listen(store);
  let listensFrom = await look(store);
  try {
    for (const step of steps) {
      if (step.step === 'transaction') {
        expect(await run(store, step.work)).toStrictEqual(await run(model, step.work));
      } else if (step.step === 'read') {
        expect(await answers(store, step.questions)).toStrictEqual(await answers(model, step.questions));
      } else if (step.step === 'burst') {
        await compareBurst(model, store, step.works, step.views);
      } else if (opened.reopen !== undefined) {
        await compareEar(ear, model, listensFrom);
        store = await opened.reopen();
        ear = listen(store);
        listensFrom = await look(store);
        expect(listensFrom).toStrictEqual(await look(model));
      }
    }
    await compareEar(ear, model, listensFrom);
    expect(await look(store)).toStrictEqual(await look(model));
  } finally {
    await opened.close();
    await model.close();
  }
}

/** Runs the works at the same time, then one by one in the model, in the order in which they were committed. */
async function compareBurst(
  model: Store,
  store: Store,
  works: readonly Work[],
  views: number,
): Promise<void> {
  const running = works.map((work) => run(store, work));
  const looking = Array.from({ length: views }, () =>
    store.read(async (reader) => {
      const first = await shown(reader);
      await setImmediate();
      expect(await shown(reader)).toStrictEqual(first);
      return first;
    }),
  );
  const [outcomes, seen] = await Promise.all([Promise.all(running), Promise.all(looking)]);
  expect(outcomes.map((outcome) => outcome.ends === undefined)).toStrictEqual(
    works.map((work) => work.throws),
  );

  const moments = [await look(model)];
  for (const { outcome, work } of inCommitOrder(outcomes, works)) {
    expect(outcome).toStrictEqual(await run(model, work));
    moments.push(await look(model));
  }
  for (const view of seen) {
    expect(view).toStrictEqual(moments.find((moment) => moment.ends[stream] === view.ends[stream]));
  }
}

function inCommitOrder(outcomes: readonly Awaited<ReturnType<typeof run>>[], works: readonly Work[]) {
  return works
    .flatMap((work, i) => {
      const outcome = outcomes[i];
      return outcome?.ends === undefined ? [] : [{ work, outcome, end: outcome.ends[stream] ?? 0 }];
    })
    .sort((a, b) => a.end - b.end);
}

/** What a transaction said, and where its streams ended unless it was rolled back. */
async function run(store: Store, work: Work) {
  let said: unknown[] = [];
  try {
    const { positions } = await store.transaction('tester', async (tx) => {
      said = [];
      for (const name of streams) await tx.lock(name);
      for (const one of work.changes) said.push(await change(tx, one));
      if (work.throws) throw new ChangedMind();
      tx.emit('task:deleted', eventSamples['task:deleted']);
    });
    return { said, ends: Object.fromEntries([...positions].map(([name, { seq }]) => [name, seq])) };
  } catch (error) {
    if (error instanceof ChangedMind) return { said, ends: undefined };
    throw error;
  }
}

function answers(store: Store, questions: readonly Question[]): Promise<unknown[]> {
  return store.read(async (reader) => {
    const all: unknown[] = [];
    for (const question of questions) all.push(await ask(reader, question));
    return all;
  });
}

function look(store: Store) {
  return store.read(shown);
}

async function shown(reader: Reader) {
  const { entities, entries, events } = await everything(reader, logIds);
  const ends = Object.fromEntries(streams.map((name, i) => [name, events[i]?.length ?? 0]));
  return { entities, entries, events: events.map((some) => some.map(timeless)), ends };
}

/** Expects the ear to have heard, stream by stream, every event behind where it began to listen. */
async function compareEar(ear: Ear, model: Store, from: Awaited<ReturnType<typeof shown>>): Promise<void> {
  const { events } = await look(model);
  const expected = events.map((some, i) => some.slice(from.events[i]?.length));
  await ear.heard(expected.flat().length);
  const heard = streams.map((name) =>
    ear
      .events()
      .filter((event) => event.stream === name)
      .map(timeless),
  );
  expect(heard).toStrictEqual(expected);
}
