import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { migrations } from '../../../../src/storage/postgres/schema/migrations.ts';
import { createBareDatabase } from '../../../support/postgres/postgres-database.ts';
import { runProgram, startServer } from '../../../support/programs/program.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';

const secret = 'one secret for all of the servers';

it('[PG40] migrates the schema from the shell, and tells how far it is', async () => {
  const { run } = await openHome();
  const steps = (state: string) => migrations.map(({ name }, i) => `${i + 1}  ${name}  ${state}`);
  expect((await run('migrate status')).out.trimEnd().split('\n')).toEqual(steps('not taken yet'));
  const took = `Took ${migrations.map(({ name }) => name).join(', ')}.\n`;
  expect(await run('migrate up')).toMatchObject({ code: 0, out: took });
  const taken = (await run('migrate status')).out.replaceAll(/\d{4}-\S+$/gm, 'taken');
  expect(taken.trimEnd().split('\n')).toEqual(steps('taken'));
  const again = await run('migrate up --new-epoch');
  expect(again.out).toBe('The schema is up to date.\nEvery stream of events has a new epoch.\n');
  const files = await run('migrate up', { DATABASE_TYPE: 'filesystem', DATABASE_URL: '' });
  expect(files).toMatchObject({ code: 1, err: expect.stringMatching(/set DATABASE_TYPE to postgres/) });
});

it('[PG41] is one server, however many processes serve one database', async () => {
  const { env } = await openHome();
  const servers = [];
  for (let i = 0; i < 2; i++) servers.push(await startServer({ home: await createTempFolder(), env }));
  const [first, second] = servers;
  const token = (
    await runProgram(['token', 'create', '--role', 'admin', '--server', first?.url ?? ''], {
      home: await createTempFolder(),
      env: { ...env, MAESTRO_TOKEN: await adminToken(env) },
    })
  ).out.trim();
  const ask = (url = '', init = {}) =>
    fetch(url, {
      ...init,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    });
  const body = JSON.stringify({ name: 'Shared' });
  const created = await ask(`${first?.url}/api/projects`, { method: 'POST', body });
  expect(created.status).toBe(201);
  const { id } = (await created.json()) as { readonly id: string };
  expect((await ask(`${second?.url}/api/projects/${id}`)).status).toBe(200);
  for (const server of servers) expect((await fetch(`${server.url}/ready`)).status).toBe(200);
});

it('[PG42] copies everything from files into an empty database and back', async () => {
  const { home, run, env } = await openHome();
  const files = { DATABASE_TYPE: 'filesystem', DATABASE_URL: '', DATA_DIR: join(home, 'files') };
  const server = await startServer({ home, env: files });
  const token = (await runProgram(['token', 'create', '--role', 'admin'], { home, env: files })).out.trim();
  const post = async (path: string, body: object) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(201);
    return (await answer.json()) as { readonly id: string };
  };
  const project = await post('/api/projects', { name: 'Copied' });
  const task = await post('/api/tasks', { projectId: project.id, title: 'One' });
  await post('/api/sessions', { projectId: project.id, taskIds: [task.id], strategy: 'queue' });
  server.process.kill('SIGTERM');
  await server.exited;
  const exported = async (over: Record<string, string>) =>
    (await runProgram(['export'], { home, env: over })).out;
  const before = await exported(files);

  const there = await run('copy --from files --to postgres');
  expect(there).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^Copied \d+ records from files to postgres\.\n$/),
  });
  expect(await exported(env)).toBe(before);
  expect(await run('copy --from files --to postgres')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/not empty/),
  });
  expect(await run('copy --from postgres --to back')).toMatchObject({ code: 0 });
  expect(await exported({ ...files, DATA_DIR: join(home, 'back') })).toBe(before);
});

async function openHome() {
  const database = await createBareDatabase();
  onTestFinished(() => database.drop());
  const home = await createTempFolder();
  const env = { DATABASE_TYPE: 'postgres', DATABASE_URL: database.url, AUTH_SECRET: secret };
  return {
    home,
    env,
    run: (args: string, more: Readonly<Record<string, string>> = {}) =>
      runProgram(args.split(' '), { home, env: { ...env, ...more } }),
  };
}

async function adminToken(env: Readonly<Record<string, string>>): Promise<string> {
  const { out } = await runProgram(['token', 'create', '--role', 'admin'], {
    home: await createTempFolder(),
    env,
  });
  return out.trim();
}
