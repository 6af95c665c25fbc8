import { expect, it } from 'vitest';
import { openForTest } from '../../../support/postgres/stores-for-test.ts';
import { eventSamples } from '../../../support/samples/event-samples.ts';
import { samples } from '../../../support/samples/samples.ts';
import { recordCommits } from '../../../support/stores/commit-recorder.ts';
import { openStoreBehindProxy } from '../../../support/stores/store-behind-proxy.ts';
import { readCommitted, writeInTransaction } from '../../contract/store-under-test.ts';

/** Does not wait long for an answer. */
const impatient = { poolWaitMs: 2000, limits: { statementMs: 1000, lockMs: 1000, idleMs: 2000 } };

it('[PG51] gives up connections on which the database gives no answer, and uses none that is as old', async () => {
  const { store, proxy, database } = await openStoreBehindProxy(impatient);
  const elsewhere = await openForTest(database.url);
  const recorder = recordCommits(store);
  const look = () => readCommitted(store, 'tasks', 'task_a');
  const inUse: (() => void)[] = [];
  const all = () =>
    store.read(async (reader) => {
      await reader.tasks.get('task_a');
      await new Promise<void>((resolve) => {
        inUse.push(resolve);
        if (inUse.length === 9) for (const end of inUse) end();
      });
    });
  // More than a use tries one after the other.
  await Promise.all(Array.from({ length: 9 }, all));
  const inVain = proxy.dropTraffic();
  expect(await look()).toBeUndefined();
  await writeInTransaction(elsewhere, async (tx) => tx.emit('task:deleted', eventSamples['task:deleted']));
  await recorder.waitForEvents(1);
  const asked = inVain.length;
  await Promise.all([look(), look(), look()]);
  // A farewell is an X and its length.
  expect(inVain.slice(asked).filter((said) => !said.startsWith('X\0'))).toStrictEqual([]);
  expect(asked).toBeGreaterThan(0);
});

it('[PG51] is not ready while nothing answers, goes on when something does, and closes without an answer', async () => {
  const { store, proxy } = await openStoreBehindProxy(impatient);
  proxy.dropsNewConnectionTraffic = true;
  proxy.dropTraffic();
  await expect.poll(() => store.health().status).toBe('failed');
  await expect(writeInTransaction(store, async () => {})).rejects.toMatchObject({ code: 'NOT_READY' });
  proxy.dropsNewConnectionTraffic = false;
  await expect.poll(() => store.health().status).toBe('ok');
  await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
  proxy.dropTraffic();
  await store.close();
});

it('[PG53] leaves no connection behind while it cannot follow the events', async () => {
  const { store, proxy, database } = await openStoreBehindProxy();
  await database.query('alter table history rename to hidden');
  let attempts = 0;
  const often = new Promise<void>((resolve) => {
    proxy.onRequest = (chunk) => {
      if (chunk.includes('pg_backend_pid') && ++attempts === 8) resolve();
      return 'pass';
    };
  });
  proxy.disconnectAll();
  await often;
  const open = `select count(*)::int from pg_stat_activity
    where datname = current_database() and application_name = 'maestro-server'`;
  await expect.poll(async () => (await database.query<{ count: number }>(open))[0]?.count).toBeLessThan(4);
  await database.query('alter table hidden rename to history');
  await expect.poll(() => store.health().status).toBe('ok');
});

it('[PG50] gives no connection on to anybody before the database has said all that it has to say', async () => {
  const { store, proxy } = await openStoreBehindProxy({ poolSize: 1 });
  const insert = () => store.transaction('tester', (tx) => tx.attempts.insert(attempt));
  const attempt = { ...samples.attempts(), id: 'attempt_a' };
  await insert();
  proxy.isErrorTailDelayed = true;
  for (let i = 0; i < 3; i++) await expect(insert()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
});
