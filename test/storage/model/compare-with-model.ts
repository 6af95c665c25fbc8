import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { logKinds } from '../../../src/application/store/collections.ts';
import type { Reader, Store } from '../../../src/application/store/store.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { type CommitRecorder, recordCommits } from '../../support/stores/commit-recorder.ts';
import { readEverything, sampleStreams } from '../contract/read-everything.ts';
import { type StoreOpener, sampleStream } from '../contract/store-under-test.ts';
import { generateId } from './generated-values.ts';
import { createMemoryStore } from './memory-store.ts';
import type { ModelStep, Question, TransactionWork } from './model-steps.ts';
import { answerQuestion, applyChange, withoutTimestamp } from './run-model-step.ts';

class IntentionalRollback extends Error {}

const logIds = logKinds.flatMap((log) => [0, 1, 2].map((id) => generateId(log, id)));

/** Takes an empty store and the model through the steps; throws where they differ. */
export async function compareWithModel(open: StoreOpener, steps: readonly ModelStep[]): Promise<void> {
  const model = createMemoryStore();
  const opened = await open({});
  let store = opened.store;
  let ear = recordCommits(store);
  let listensFrom = await readState(store);
  try {
    for (const step of steps) {
      if (step.step === 'transaction') {
        expect(await runTransaction(store, step.work)).toStrictEqual(await runTransaction(model, step.work));
      } else if (step.step === 'read') {
        expect(await answerAll(store, step.questions)).toStrictEqual(await answerAll(model, step.questions));
      } else if (step.step === 'burst') {
        await compareBurst(model, store, step.works, step.views);
      } else if (opened.reopen !== undefined) {
        await compareRecordedEvents(ear, model, listensFrom);
        store = await opened.reopen();
        ear = recordCommits(store);
        listensFrom = await readState(store);
        expect(listensFrom).toStrictEqual(await readState(model));
      }
    }
    await compareRecordedEvents(ear, model, listensFrom);
    expect(await readState(store)).toStrictEqual(await readState(model));
  } finally {
    await opened.close();
    await model.close();
  }
}

/** Runs the works at the same time, then one by one in the model, in the order in which they were committed. */
async function compareBurst(
  model: Store,
  store: Store,
  works: readonly TransactionWork[],
  views: number,
): Promise<void> {
  const running = works.map((work) => runTransaction(store, work));
  const looking = Array.from({ length: views }, () =>
    store.read(async (reader) => {
      const first = await readVisible(reader);
      await setImmediate();
      expect(await readVisible(reader)).toStrictEqual(first);
      return first;
    }),
  );
  const [outcomes, seen] = await Promise.all([Promise.all(running), Promise.all(looking)]);
  expect(outcomes.map((outcome) => outcome.ends === undefined)).toStrictEqual(
    works.map((work) => work.throws),
  );

  const moments = [await readState(model)];
  for (const { outcome, work } of sortByCommit(outcomes, works)) {
    expect(outcome).toStrictEqual(await runTransaction(model, work));
    moments.push(await readState(model));
  }
  for (const view of seen) {
    expect(view).toStrictEqual(
      moments.find((moment) => moment.ends[sampleStream] === view.ends[sampleStream]),
    );
  }
}

function sortByCommit(
  outcomes: readonly Awaited<ReturnType<typeof runTransaction>>[],
  works: readonly TransactionWork[],
) {
  return works
    .flatMap((work, i) => {
      const outcome = outcomes[i];
      return outcome?.ends === undefined ? [] : [{ work, outcome, end: outcome.ends[sampleStream] ?? 0 }];
    })
    .sort((a, b) => a.end - b.end);
}

/** What a transaction said, and where its streams ended unless it was rolled back. */
async function runTransaction(store: Store, work: TransactionWork) {
  let said: unknown[] = [];
  try {
    const { positions } = await store.transaction('tester', async (tx) => {
      said = [];
      for (const name of sampleStreams) await tx.lock(name);
      for (const one of work.changes) said.push(await applyChange(tx, one));
      if (work.throws) throw new IntentionalRollback();
      tx.emit('task:deleted', eventSamples['task:deleted']);
    });
    return { said, ends: Object.fromEntries([...positions].map(([name, { seq }]) => [name, seq])) };
  } catch (error) {
    if (error instanceof IntentionalRollback) return { said, ends: undefined };
    throw error;
  }
}

function answerAll(store: Store, questions: readonly Question[]): Promise<unknown[]> {
  return store.read(async (reader) => {
    const all: unknown[] = [];
    for (const question of questions) all.push(await answerQuestion(reader, question));
    return all;
  });
}

function readState(store: Store) {
  return store.read(readVisible);
}

async function readVisible(reader: Reader) {
  const { entities, entries, events } = await readEverything(reader, logIds);
  const ends = Object.fromEntries(sampleStreams.map((name, i) => [name, events[i]?.length ?? 0]));
  return { entities, entries, events: events.map((some) => some.map(withoutTimestamp)), ends };
}

/** Expects the ear to have heard, stream by stream, every event behind where it began to listen. */
async function compareRecordedEvents(
  ear: CommitRecorder,
  model: Store,
  from: Awaited<ReturnType<typeof readVisible>>,
): Promise<void> {
  const { events } = await readState(model);
  const expected = events.map((some, i) => some.slice(from.events[i]?.length));
  await ear.waitForEvents(expected.flat().length);
  const heard = sampleStreams.map((name) =>
    ear
      .events()
      .filter((event) => event.stream === name)
      .map(withoutTimestamp),
  );
  expect(heard).toStrictEqual(expected);
}
