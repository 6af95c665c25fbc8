import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import { openLog } from '../../../src/system/process/log.ts';
import { withFolder } from '../../support/filled-folder.ts';
import { call, openServices, projectWithTasks } from '../../support/open-services.ts';
import { createDatabase, patient } from '../../support/postgres-database.ts';
import { runAt } from '../../support/run-at.ts';
import { tempFolder } from '../../support/temp-folder.ts';

it('[BK10] a backup of PostgreSQL shows one moment, whatever other processes change while it is taken', async () => {
  const { bench, project, sessionId } = await openDatabase();
  const { services, store } = bench;
  for (let i = 0; i < 10; i++) {
    await services.tasks.create(call(), project.id, { title: `${i}`, description: 'x'.repeat(70_000) });
  }
  const shown = async () => {
    const { items } = await services.tasks.list(call(), { where: { projectId: project.id }, limit: 100 });
    return items.map(({ id, title, version }) => [id, title, version]).sort();
  };
  const before = await shown();
  let text = '';
  let parts = 0;
  for await (const part of services.workspaceBackup.lines(call())) {
    text += part;
    const [id = ''] = before[parts++ % before.length] ?? [];
    await services.tasks.update(call(), `${id}`, { title: `Changed ${parts}` });
    await services.tasks.create(call(), project.id, { title: `Late ${parts}` });
    await services.queues[parts % 2 === 0 ? 'start' : 'complete'](call(), sessionId, 0).catch(() => {});
  }
  expect(parts).toBeGreaterThan(8);
  expect(await shown()).not.toEqual(before);
  await store.close();

  const folder = await tempFolder();
  const [file, target] = [join(folder, 'all.backup'), join(folder, 'restored')];
  await writeFile(file, `${text}{"sha256":"${createHash('sha256').update(text).digest('hex')}"}\n`);
  expect(await runAt(target, ['restore', file])).toMatchObject({ code: 0 });
  const { out } = await runAt(target, ['check', '--verify', '--fix']);
  expect(out).not.toMatch(/^fault/m);
  await withFolder(target, async (restored) => {
    const { items } = await restored.tasks.list(call(), { where: { projectId: project.id }, limit: 100 });
    expect(items.map(({ id, title, version }) => [id, title, version]).sort()).toEqual(before);
  });
});

it('[BK11] it is taken beside a running server, which goes on and stays where it is found', async () => {
  const { env } = await openDatabase();
  const home = await tempFolder();
  const data = join(home, 'data');
  const config = readConfig({ ...env, DATA_DIR: data, PORT: '0' }, home, home);
  const server = await startApp(
    config,
    openLog({ level: 'warn', format: 'json', target: join(home, 'log') }).log,
  );
  onTestFinished(server.stop);
  const file = join(home, 'all.backup');
  expect(await runAt(data, ['backup', file], env)).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^Backed up \d+ lines to /),
  });
  expect((await readFile(join(data, 'server-url'), 'utf8')).trim()).toBe(server.url);
  expect(await runAt(join(home, 'restored'), ['restore', file])).toMatchObject({ code: 0 });
});

it('[BK12] [CK10] check and restore refuse, and say what does it', async () => {
  const home = await tempFolder();
  const env = { DATABASE_TYPE: 'postgres', DATABASE_URL: 'postgres://localhost/x' };
  for (const args of [['check'], ['restore', 'all.backup']]) {
    expect(await runAt(home, args, env)).toEqual({
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
  const store = await openPostgresStore({ ...patient, url: database.url });
  onTestFinished(() => store.close());
  const bench = openServices({}, store);
  const { project, taskIds } = await projectWithTasks(bench, ...'ABCDEFGH');
  const input = { projectId: project.id, taskIds, strategy: 'queue' as const };
  const { id: sessionId } = await bench.services.sessions.create(call(), input);
  await bench.services.queues.start(call(), sessionId, 0);
  const env = { DATABASE_TYPE: 'postgres', DATABASE_URL: database.url };
  return { bench, project, sessionId, env };
}
