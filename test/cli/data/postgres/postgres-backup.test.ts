import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startApp } from '../../../../src/app.ts';
import { readConfig } from '../../../../src/config/config.ts';
import { openLog } from '../../../../src/system/process/log.ts';
import { createDatabase } from '../../../support/postgres/postgres-database.ts';
import { openForTest } from '../../../support/postgres/stores-for-test.ts';
import { runInFolder } from '../../../support/programs/run-in-folder.ts';
import { createCall, openServices, projectWithTasks } from '../../../support/services/service-harness.ts';
import { withStoreIn } from '../../../support/stores/filled-folder.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';

it('[BK10] a backup of PostgreSQL shows one moment, whatever other processes change while it is taken', async () => {
  const { bench, project, sessionId } = await openDatabase();
  const { services, store } = bench;
  for (let i = 0; i < 10; i++) {
    await services.tasks.create(createCall(), project.id, { title: `${i}`, description: 'x'.repeat(70_000) });
  }
  const shown = async () => {
    const { items } = await services.tasks.list(createCall(), {
      where: { projectId: project.id },
      limit: 100,
    });
    return items.map(({ id, title, version }) => [id, title, version]).sort();
  };
  const before = await shown();
  let text = '';
  let parts = 0;
  for await (const part of services.workspaceBackup.lines(createCall())) {
    text += part;
    const [id = ''] = before[parts++ % before.length] ?? [];
    await services.tasks.update(createCall(), `${id}`, { title: `Changed ${parts}` });
    await services.tasks.create(createCall(), project.id, { title: `Late ${parts}` });
    const { queues } = services;
    const step =
      parts % 2 === 0 ? queues.start(createCall(), sessionId, 0) : queues.complete(createCall(), sessionId);
    await step.catch(() => {});
  }
  expect(parts).toBeGreaterThan(8);
  expect(await shown()).not.toEqual(before);
  await store.close();

  const folder = await createTempFolder();
  const [file, target] = [join(folder, 'all.backup'), join(folder, 'restored')];
  await writeFile(file, `${text}{"sha256":"${createHash('sha256').update(text).digest('hex')}"}\n`);
  expect(await runInFolder(target, ['restore', file])).toMatchObject({ code: 0 });
  const { out } = await runInFolder(target, ['check', '--verify', '--fix']);
  expect(out).not.toMatch(/^fault/m);
  await withStoreIn(target, async (restored) => {
    const { items } = await restored.tasks.list(createCall(), {
      where: { projectId: project.id },
      limit: 100,
    });
    expect(items.map(({ id, title, version }) => [id, title, version]).sort()).toEqual(before);
  });
});

it('[BK11] it is taken beside a running server, which goes on and stays where it is found', async () => {
  const { env } = await openDatabase();
  const home = await createTempFolder();
  const data = join(home, 'data');
  const config = readConfig({ ...env, DATA_DIR: data, PORT: '0' }, home, home);
  const server = await startApp(
    config,
    openLog({ level: 'warn', format: 'json', target: join(home, 'log') }).log,
  );
  onTestFinished(server.stop);
  const file = join(home, 'all.backup');
  expect(await runInFolder(data, ['backup', file], env)).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^Backed up \d+ lines to /),
  });
  expect((await readFile(join(data, 'server-url'), 'utf8')).trim()).toBe(server.url);
  expect(await runInFolder(join(home, 'restored'), ['restore', file])).toMatchObject({ code: 0 });
});

it('[BK12] [CK10] check and restore refuse, and say what does it', async () => {
  const home = await createTempFolder();
  const env = { DATABASE_TYPE: 'postgres', DATABASE_URL: 'postgres://localhost/x' };
  for (const args of [['check'], ['restore', 'all.backup']]) {
    expect(await runInFolder(home, args, env)).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/PostgreSQL .*pg_dump.* docs\/backup\.md\.\n$/),
    });
  }
});

/** A database with a project, and a session at work on a queue of it. */
async function openDatabase() {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const store = await openForTest(database.url);
  const bench = openServices({}, store);
  const { project, taskIds } = await projectWithTasks(bench, ...'ABCDEFGH');
  const input = { projectId: project.id, taskIds, strategy: 'queue' as const };
  const { id: sessionId } = await bench.services.sessions.create(createCall(), input);
  await bench.services.queues.start(createCall(), sessionId, 0);
  const env = { DATABASE_TYPE: 'postgres', DATABASE_URL: database.url };
  return { bench, project, sessionId, env };
}
