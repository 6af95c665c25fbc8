import { expect, it, onTestFinished } from 'vitest';
import type { EventRecord, Store } from '../../../src/application/store/store.ts';
import { createBareDatabase, createDatabase } from '../../support/postgres/postgres-database.ts';
import { startPostgres } from '../../support/postgres/postgres-server.ts';
import { openForTest } from '../../support/postgres/stores-for-test.ts';
import { type CommitRecorder, recordCommits } from '../../support/stores/commit-recorder.ts';
import { startWriteLoad } from '../../support/stores/write-load.ts';
import { loopCount } from '../../support/time/loop-count.ts';
import { readEvents, sampleStream } from '../contract/store-under-test.ts';

it('[PG10] keeps what it acknowledged, and nothing twice, over crashes of the database in mid-load', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const database = await createBareDatabase({ server: server.url });
  const stores = [await openForTest(database.url), await openForTest(database.url)];
  const recorders = stores.map(recordCommits);
  const load = startWriteLoad(stores, 6);
  for (let crash = 0; crash < loopCount(2, 100); crash++) {
    await load.waitForMore(100);
    await server.crash();
  }
  await load.waitForMore(100);
  await load.stop();
  await expectNothingLost(stores, recorders, load.acknowledged);
});

it('[PG11] keeps what it acknowledged, and nothing twice, however connections are cut in mid-load', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const stores = [await openForTest(database.url), await openForTest(database.url)];
  const recorders = stores.map(recordCommits);
  const load = startWriteLoad(stores, 6);
  for (let cut = 0; cut < loopCount(6, 300); cut++) {
    await load.waitForMore(20);
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and random() < 0.5`,
    );
  }
  await load.waitForMore(100);
  await load.stop();
  await expectNothingLost(stores, recorders, load.acknowledged);
});

async function expectNothingLost(
  stores: readonly Store[],
  recorders: readonly CommitRecorder[],
  acknowledged: ReadonlySet<string>,
): Promise<void> {
  for (const [i, store] of stores.entries()) {
    const events = await readEvents(store, sampleStream);
    expect(events.map((event) => event.seq)).toStrictEqual(events.map((_, n) => n + 1));
    const names = events.map(taskOf);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toStrictEqual(expect.arrayContaining([...acknowledged]));
    const page = await store.read((reader) => reader.tasks.list({ limit: 1_000_000 }));
    expect(page.items.map((task) => task.id).sort()).toStrictEqual(names.toSorted());
    await recorders[i]?.waitForEvents(events.length);
    expect(recorders[i]?.events()).toStrictEqual(events);
    expect(store.health().status).toBe('ok');
  }
}

function taskOf(event: EventRecord): string {
  return event.name === 'task:created' ? event.data.id : event.name;
}
