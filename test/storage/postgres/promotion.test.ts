import { expect, it, onTestFinished } from 'vitest';
import { createBareDatabase } from '../../support/postgres/postgres-database.ts';
import { startPostgres } from '../../support/postgres/postgres-server.ts';
import { openForTest } from '../../support/postgres/stores-for-test.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { sampleStream, writeInTransaction } from '../contract/store-under-test.ts';

it('[PG52] gives new epochs at the first connection behind a promotion', async () => {
  const server = await startPostgres({ checkpoint_timeout: '1h' });
  onTestFinished(() => server.stop());
  const database = await createBareDatabase({ server: server.url });
  onTestFinished(() => database.drop());
  const open = async () => {
    let fail: (fault: unknown) => void = () => {};
    const failed = new Promise<unknown>((resolve) => {
      fail = resolve;
    });
    const store = await openForTest(database.url, { onFailure: fail });
    const head = () => store.read((reader) => reader.events.head(sampleStream));
    return { store, failed, head };
  };
  const before = await open();
  await writeInTransaction(before.store, async (tx) => tx.emit('task:deleted', eventSamples['task:deleted']));
  const { epoch } = await before.head();
  await server.crash();
  expect((await (await open()).head()).epoch).toBe(epoch);
  // Much to write down, so that the checkpoint behind the promotion takes its time.
  await database.query(`create table filler as select repeat('x', 1000) from generate_series(1, 5000)`);
  await server.promote();
  expect(String(await before.failed)).toContain('another history');
  const after = await (await open()).head();
  expect(after.seq).toBe(1);
  expect(after.epoch).not.toBe(epoch);
});
