import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endpoints } from '../../../src/api/endpoints/catalogue.ts';
import type { BackupLine } from '../../../src/application/transfer/backup-lines.ts';
import { streamOfProject } from '../../../src/domain/channel.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { createNodeFileSystem } from '../../../src/storage/json/disk/node-file-system.ts';
import { restoreFolder } from '../../../src/storage/json/restore/restore-folder.ts';
import { startCommandHarness } from '../../support/programs/command-harness.ts';
import { runInFolder } from '../../support/programs/run-in-folder.ts';
import { createCall } from '../../support/services/service-harness.ts';
import { createFilledFolder, withStoreIn } from '../../support/stores/filled-folder.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

/** A folder with something of everything, a backup of it, and a name for a folder to restore into. */
async function backedUp() {
  const { dataDir, fixture } = await createFilledFolder();
  const folder = await createTempFolder();
  const file = join(folder, 'all.backup');
  const { code, err } = await runInFolder(dataDir, ['backup', file]);
  expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^Backed up \d+ lines to /) });
  return { dataDir, fixture, folder, file, target: join(folder, 'restored') };
}

const exported = async (dataDir: string) => {
  const file = join(await createTempFolder(), 'x.jsonl');
  await runInFolder(dataDir, ['export', file]);
  return readFile(file, 'utf8');
};

const sealed = (text: string) => `${text}{"sha256":"${createHash('sha256').update(text).digest('hex')}"}\n`;

describe('backup and restore', () => {
  it('[BK1] bring everything back, tokens and the history of events with it, under new epochs', async () => {
    const { dataDir, fixture, file, target } = await backedUp();
    const restored = await runInFolder(target, ['restore', file], {});
    expect(restored).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^Restored \d+ lines into .*restored/),
    });
    expect(await exported(target)).toBe(await exported(dataDir));
    const look = (folder: string) =>
      withStoreIn(folder, (_, store) =>
        store.read(async (reader) => ({
          head: await reader.events.head(streamOfProject(fixture.projectId)),
          events: await reader.events.read(streamOfProject(fixture.projectId), 0, 1000),
          tokens: (await reader.tokens.list({ limit: 10 })).items.filter(
            ({ subject }) => subject !== 'local',
          ),
        })),
      );
    const [before, after] = [await look(dataDir), await look(target)];
    expect(after.events).toEqual(before.events);
    expect(after.events.length).toBeGreaterThan(5);
    expect(after.head.seq).toBe(before.head.seq);
    expect(after.head.epoch).not.toBe(before.head.epoch);
    expect(after.tokens.map(({ id }) => id)).toContain(fixture.tokenId);
    expect(await runInFolder(target, ['check', '--verify', '--fix'])).toMatchObject({ code: 0 });
  });

  it('[BK2] make files for the owner alone, and leave nothing beside them', async () => {
    const { folder, file, target } = await backedUp();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['all.backup']);
    await runInFolder(target, ['restore', file]);
    expect((await readdir(folder)).sort()).toEqual(['all.backup', 'restored']);
    expect((await stat(target)).mode & 0o777).toBe(0o700);
  });

  it('[BK3] show one moment, whatever is changed while they are taken', async () => {
    const { dataDir, fixture } = await createFilledFolder();
    const { projectId, sessionId } = fixture;
    const folder = await createTempFolder();
    const file = join(folder, 'all.backup');
    let before = '';
    await withStoreIn(
      dataDir,
      async (services) => {
        for (let i = 0; i < 30; i++) {
          await services.tasks.create(createCall(), projectId, {
            title: `${i}`,
            description: 'x'.repeat(20_000),
          });
        }
        const { items } = await services.tasks.list(createCall(), { where: { projectId }, limit: 100 });
        before = items.map(({ id, version }) => `${id} ${version}`).join('\n');
        let text = '';
        let parts = 0;
        for await (const part of services.workspaceBackup.lines(createCall())) {
          text += part;
          const task = items[parts++ % items.length];
          await services.tasks.update(createCall(), task?.id ?? '', { title: `Changed ${parts}` });
          await services.tasks.create(createCall(), projectId, { title: `Late ${parts}` });
          await services.sessionLogs.report(createCall(), sessionId, {
            type: 'progress',
            message: `${parts}`,
          });
        }
        expect(parts).toBeGreaterThan(8);
        await writeFile(file, sealed(text));
      },
      { checkpointIntervalMs: 1 },
    );
    const target = join(folder, 'restored');
    expect(await runInFolder(target, ['restore', file])).toMatchObject({ code: 0 });
    expect(await runInFolder(target, ['check', '--verify', '--fix'])).toMatchObject({ code: 0 });
    await withStoreIn(target, async (services) => {
      const { items } = await services.tasks.list(createCall(), { where: { projectId }, limit: 100 });
      expect(items.map(({ id, version }) => `${id} ${version}`).join('\n')).toBe(before);
    });
  });

  it('[BK4] refuse a damaged file before anything is made', async () => {
    const { folder, file, target } = await backedUp();
    const text = await readFile(file, 'utf8');
    const lines = text.split('\n').slice(0, -2);
    const put = (kept: readonly string[]) => sealed(kept.map((line) => `${line}\n`).join(''));
    const damaged: readonly (readonly [string, RegExp])[] = [
      ['', /is damaged, or no backup/],
      ['no backup at all\n', /is damaged, or no backup/],
      [text.slice(0, text.length / 2), /is damaged/],
      [text.slice(0, -1), /is damaged/],
      [`${text}\n`, /is damaged/],
      [text.replace('Fixture', 'fIXTURE'), /is damaged/],
      [put(lines.toSpliced(3, 1)), /does not hold all of its lines/],
      [put(lines.slice(0, -1)), /does not hold all of its lines/],
      [put(lines.with(0, '{"format":"maestro-backup","version":2}')), /line 1: .*another version/],
      [put(lines.with(0, '{"format":"maestro-server","version":1}')), /line 1: .*not a backup/],
      [put(lines.with(4, '{"kind":"cheeses","entity":{}}')), /line 5: /],
      [put(lines.with(2, '7')), /line 3: it is not a complete JSON object/],
    ];
    for (const [spoilt, why] of damaged) {
      await writeFile(file, spoilt);
      const { code, err } = await runInFolder(target, ['restore', file]);
      expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(why) });
      expect(await readdir(folder)).toEqual(['all.backup']);
    }
    expect(await runInFolder(target, ['restore', join(folder, 'none')])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/cannot be read: ENOENT/),
    });
  });

  it('[BK5] refuse a folder in which something lies, and take an empty one', async () => {
    const { dataDir, file } = await backedUp();
    const before = await readdir(dataDir, { recursive: true });
    expect(await runInFolder(dataDir, ['restore', file])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/is not empty; restore into a folder that is empty or not there\.\n$/),
    });
    expect(await readdir(dataDir, { recursive: true })).toEqual(before);
    expect(await runInFolder(await createTempFolder(), ['restore', file])).toMatchObject({ code: 0 });
  });

  it('[BK6] leave nothing under the name when a restore ends anywhere, and begin anew over what is left', async () => {
    const folder = await createTempFolder();
    const dataDir = join(folder, 'data');
    const real = createNodeFileSystem();
    async function* records() {
      yield { stream: 'workspace' as const, after: 3 };
    }
    for (let last = 0, whole = false; !whole; last++) {
      let left = last;
      const dying =
        <Args extends readonly unknown[], T>(work: (...args: Args) => Promise<T>) =>
        async (...args: Args): Promise<T> => {
          if (left-- <= 0) throw new Error('The process ended.');
          return work(...args);
        };
      const files = {
        ...real,
        makeFolder: dying(real.makeFolder),
        create: dying(real.create),
        replace: dying(real.replace),
        move: dying(real.move),
        remove: dying(real.remove),
        syncFolder: dying(real.syncFolder),
      };
      whole = await restoreFolder({ files, dataDir }, records(), async () => {}).then(
        () => true,
        () => false,
      );
      const named = (await readdir(folder)).includes('data');
      // Only the sync of its name may be missing then.
      if (named && !whole) break;
      expect(named).toBe(whole);
    }
    await withStoreIn(dataDir, async (_, store) =>
      expect((await store.read((reader) => reader.events.head('workspace'))).seq).toBe(3),
    );
  });

  it('[BK8] keep the old file when the server breaks off, and try again', async () => {
    let left = 1;
    const bench = await startCommandHarness(
      endpoints.map((one) =>
        one.path === '/api/backup' ? { ...one, handle: () => (left-- > 0 ? torn() : whole()) } : one,
      ),
    );
    onTestFinished(() => bench.http.stop());
    const header: BackupLine = { format: 'maestro-backup', version: 1 };
    async function* whole() {
      yield `${JSON.stringify(header)}\n{"end":true,"lines":2}\n`;
    }
    async function* torn() {
      yield `${JSON.stringify(header)}\n`;
      throw new AppError('CONFLICT', 'Something was taken away.');
    }
    expect(await bench.run(['backup', 'b'])).toMatchObject({ code: 0 });
    const kept = await readFile(join(bench.folder, 'b'), 'utf8');
    left = 99;
    expect(await bench.run(['backup', 'b', '--force'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/ended before everything was written/),
    });
    expect(await readFile(join(bench.folder, 'b'), 'utf8')).toBe(kept);
    expect(await readdir(bench.folder)).toEqual(['b']);
    left = 0;
    expect(await bench.run(['backup', 'none/b'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/none\/b cannot be written: ENOENT/),
    });
  });

  it('[BK9] need a token for all projects', async () => {
    const { dataDir } = await createFilledFolder();
    await withStoreIn(dataDir, async (services) => {
      const some = createCall({ projects: new Set(['proj_a']) });
      expect(() => services.workspaceBackup.lines(some)).toThrow(/holds all projects/);
    });
  });
});
