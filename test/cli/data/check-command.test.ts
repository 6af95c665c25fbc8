import { once } from 'node:events';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCrashImage, openStoreIn } from '../../storage/json/disposable-store.ts';
import { editFile, findOnlyFile, formatResults, runCheck } from '../../support/programs/run-check.ts';
import { runInFolder } from '../../support/programs/run-in-folder.ts';
import { startHttp } from '../../support/servers/start-http.ts';
import { createCall } from '../../support/services/service-harness.ts';
import { createFilledFolder, withStoreIn } from '../../support/stores/filled-folder.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

/** Uses the folder for the running test, under the mask that the program would have set. */
async function openClosedToOthers(dataDir: string): Promise<void> {
  await openStoreIn(dataDir);
  for (const name of await readdir(join(dataDir, 'lock'))) {
    if (name.endsWith('.lock')) await chmod(join(dataDir, 'lock', name), 0o700);
  }
}

/** Takes away what would notice that files were edited. */
const withoutSnapshot = (dataDir: string) => rm(join(dataDir, 'cache'), { recursive: true });

describe('check', () => {
  it('[CK1] tells of a folder that is well what it looked at, ends with 0 and changes nothing', async () => {
    const { dataDir } = await createFilledFolder();
    const before = await readdir(dataDir, { recursive: true });
    const { code, out, err } = await runInFolder(dataDir, ['check', '--verify']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const check of ['permissions', 'lock', 'disk', 'files', 'clock', 'checksums', 'logs', 'references'])
      expect(out).toMatch(new RegExp(`^ok +${check} `, 'm'));
    for (const check of ['events', 'port']) expect(out).toMatch(new RegExp(`^ok +${check} `, 'm'));
    expect(out).not.toMatch(/^(warning|fault|skipped)/m);
    expect(await readdir(dataDir, { recursive: true })).toEqual(before);
  });

  it('[CK1] says of a folder that is not there that a start makes it', async () => {
    const dataDir = join(await createTempFolder(), 'none');
    expect(await runInFolder(await createTempFolder(), ['check', '--data-dir', dataDir])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ok .* There is no .*none yet; a start makes it\.\n$/),
    });
  });

  it('[CK2] names what is open to others, and --fix closes it', async () => {
    const { dataDir, fixture } = await createFilledFolder();
    const file = join(dataDir, 'projects', `${fixture.projectId}.json`);
    await chmod(file, 0o644);
    const { code, findings } = await runCheck(dataDir);
    expect(code).toBe(1);
    expect(formatResults(findings, 'fault')).toEqual([
      `permissions: ${file} is open to others; --fix closes it.`,
    ]);
    expect((await runCheck(dataDir, '--fix')).code).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('[CK3] names who uses the folder, looks at what can be looked at then, and refuses to verify', async () => {
    const { dataDir } = await createFilledFolder();
    await openClosedToOthers(dataDir);
    const { code, findings } = await runCheck(dataDir);
    expect(code).toBe(0);
    expect(formatResults(findings, 'ok').join('\n')).toContain(
      `lock: It is in use by process ${process.pid} on `,
    );
    expect(formatResults(findings, 'skipped').map((text) => text.split(':')[0])).toEqual(['files', 'port']);
    const verified = await runInFolder(dataDir, ['check', '--verify']);
    expect(verified).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/Stop that to verify/) });
    expect(await runCheck(dataDir, '--fix')).toMatchObject({ code: 1 });
  });

  it('[CK3] asks the server that uses the folder whether it is ready', async () => {
    const { dataDir } = await createFilledFolder();
    await openStoreIn(dataDir);
    const http = await startHttp();
    onTestFinished(() => http.stop());
    await writeFile(join(dataDir, 'server-url'), http.url, { mode: 0o600 });
    expect(formatResults((await runCheck(dataDir)).findings, 'ok')).toContain(
      `port: The server is ready at ${http.url}.`,
    );
    await writeFile(join(dataDir, 'server-url'), 'http://127.0.0.1:1');
    expect(await runCheck(dataDir)).toMatchObject({ code: 1 });
  });

  it('[CK4] names a port that another program has', async () => {
    const { dataDir } = await createFilledFolder();
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, out } = await runInFolder(dataDir, ['check'], { PORT: port });
    expect(code).toBe(1);
    expect(out).toMatch(/^fault +port +Another program listens on port \d+/m);
  });

  it('[CK5] tells how far the entity files are behind after a crash, and of a clock that is behind', async () => {
    const { dataDir, fixture } = await createFilledFolder();
    const now = () => Date.now() + 3_600_000;
    const image = await withStoreIn(
      dataDir,
      async (services) => {
        for (const name of ['A', 'B']) await services.projects.create(createCall(), { name });
        await services.tasks.create(createCall(), fixture.projectId, { title: 'Late' });
        return createCrashImage(dataDir);
      },
      { now },
    );
    const { code, findings } = await runCheck(image, '--verify');
    expect(code).toBe(0);
    expect(formatResults(findings, 'warning')).toEqual([
      expect.stringMatching(/^files: The entity files are 3 transactions behind the journal/),
      expect.stringMatching(/^clock: It is 3\d\d\d s behind the newest change/),
    ]);
    expect(formatResults((await runCheck(image, '--fix')).findings, 'warning')).toHaveLength(1);
    expect(await readdir(join(image, 'journal'))).toEqual([]);
  });

  it('[CK6] names damage as a start would, and ends with 1', async () => {
    const { dataDir, fixture } = await createFilledFolder();
    await withoutSnapshot(dataDir);
    await editFile(join(dataDir, 'projects', `${fixture.projectId}.json`), (text) => text.slice(0, 20));
    const { code, findings, faults } = await runCheck(dataDir, '--verify');
    expect({ code, faults }).toEqual({ code: 1, faults: 1 });
    expect(formatResults(findings, 'fault')[0]).toContain(
      `projects/${fixture.projectId}.json: it is not JSON`,
    );
  });

  it('[CK7] --verify finds a changed byte in a log, of which a start knows nothing', async () => {
    const { dataDir, fixture } = await createFilledFolder();
    const segment = await findOnlyFile(join(dataDir, 'timelines', fixture.sessionId));
    await editFile(segment, (text) => text.replace('task_started', 'task_skipped'.slice(0, 12)));
    expect((await runCheck(dataDir)).code).toBe(0);
    const { code, findings } = await runCheck(dataDir, '--verify');
    expect(code).toBe(1);
    expect(formatResults(findings, 'fault')).toEqual([
      expect.stringMatching(/^checksums: timelines\/.*\.ndjson does not match its checksum/),
    ]);
  });

  it('[CK8] --verify finds mentions of what is not there, and entities that are not as their last event', async () => {
    const { dataDir, fixture } = await createFilledFolder();
    const { projectId, freeTaskId, taskId, sessionId } = fixture;
    const path = join(dataDir, 'tasks', projectId, `${freeTaskId}.json`);
    await withoutSnapshot(dataDir);
    await editFile(path, (text) => text.replaceAll(taskId, 'task_gone').replace('"Free"', '"Freed"'));
    await editFile(join(dataDir, 'sessions', `${sessionId}.json`), (text) =>
      text.replace(/"task_[^"]+",/, ''),
    );
    const { code, findings } = await runCheck(dataDir, '--verify');
    expect(code).toBe(1);
    expect(formatResults(findings, 'fault').sort()).toEqual(
      [
        `events: The last event about the session ${sessionId} shows it otherwise than it is.`,
        `events: The last event about the task ${freeTaskId} shows it otherwise than it is.`,
        `references: The task ${freeTaskId} mentions the task task_gone, which does not exist.`,
        `references: The task ${taskId} mentions the session ${sessionId}, which does not mention it back.`,
      ].sort(),
    );
  });

  it('[CK8] --verify finds entities that by their events are gone, or should be there', async () => {
    const { dataDir, fixture } = await createFilledFolder();
    const { projectId, freeTaskId } = fixture;
    const from = join(dataDir, 'tasks', projectId, `${freeTaskId}.json`);
    const text = await readFile(from, 'utf8');
    await withStoreIn(dataDir, (services) => services.tasks.remove(createCall(), freeTaskId));
    await writeFile(from, text, { mode: 0o600 });
    await withoutSnapshot(dataDir);
    expect(formatResults((await runCheck(dataDir, '--verify')).findings, 'fault')).toEqual([
      expect.stringMatching(/^files: .* some are missing, or older than what was committed/),
      `events: By the events of project:${projectId} the task ${freeTaskId} was deleted, and it is there.`,
    ]);
  });

  it('[CK9] --fix tidies up what a crash left, and takes a server-url that nobody serves away', async () => {
    const { dataDir } = await createFilledFolder();
    await writeFile(join(dataDir, 'projects', 'proj_a.json.123'), 'litter', { mode: 0o600 });
    await writeFile(join(dataDir, 'server-url'), 'http://127.0.0.1:1', { mode: 0o600 });
    expect(await runCheck(dataDir, '--fix', '--verify')).toMatchObject({ code: 0, faults: 0 });
    expect(await readdir(dataDir)).not.toContain('server-url');
    expect(await readdir(join(dataDir, 'projects'))).toHaveLength(1);
  });

  it('[CK10] refuses what it cannot understand', async () => {
    const dataDir = await createTempFolder();
    for (const args of [
      ['--repair'],
      ['--truncate-after', '7'],
      ['--repair', '--truncate-after', 'x'],
      ['x'],
    ])
      expect(await runInFolder(dataDir, ['check', ...args])).toMatchObject({ code: 2, out: '' });
  });
});
