import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCrashImage } from '../../storage/json/disposable-store.ts';
import { editFile, findOnlyFile, formatResults, runCheck } from '../../support/programs/run-check.ts';
import { runInFolder } from '../../support/programs/run-in-folder.ts';
import { createCall } from '../../support/services/service-harness.ts';
import { createFilledFolder, withStoreIn } from '../../support/stores/filled-folder.ts';

describe('repair', () => {
  /** A folder that a crash left with three projects in its journal, the second of which is damaged. */
  async function damagedFolder() {
    const { dataDir } = await createFilledFolder();
    const before = await withStoreIn(dataDir, async (_, store) =>
      store.read((reader) => reader.events.head('workspace')),
    );
    const image = await withStoreIn(dataDir, async (services) => {
      for (const name of ['Kept', 'Damaged', 'Behind'])
        await services.projects.create(createCall(), { name });
      return createCrashImage(dataDir);
    });
    const segment = await findOnlyFile(join(image, 'journal'));
    await editFile(segment, (text) => text.replaceAll('Damaged', 'dAMAGED'));
    const { findings } = await runCheck(image);
    const [, last = ''] =
      /last good transaction is (\d+)/.exec(formatResults(findings, 'fault').join()) ?? [];
    return { image, last, before, damage: await readFile(segment, 'utf8') };
  }

  it('[CK20] cuts the journal where it is told to, copies the folder before, and begins a new epoch', async () => {
    const { image, last, before, damage } = await damagedFolder();
    const { code, findings } = await runCheck(image, '--repair', '--truncate-after', last);
    expect({ code, faults: formatResults(findings, 'fault') }).toEqual({ code: 0, faults: [] });
    const [, copy = ''] = /epoch; (.*) is as it was/.exec(findings[0]?.sentence ?? '') ?? [];
    expect(copy.startsWith(`${image}.before-`)).toBe(true);
    expect(await readFile(await findOnlyFile(join(copy, 'journal')), 'utf8')).toBe(damage);
    expect((await stat(copy)).mode & 0o777).toBe(0o700);
    await withStoreIn(image, async (services, store) => {
      const { items } = await services.projects.list(createCall(), { limit: 10 });
      expect(items.map(({ name }) => name).sort()).toEqual(['Fixture', 'Kept']);
      const head = await store.read((reader) => reader.events.head('workspace'));
      expect(head.epoch).not.toBe(before.epoch);
      expect(head.seq).toBe(before.seq + 1);
    });
    await nothingElse(image, copy);
  });

  it('[CK21] refuses an end that there is none, and changes and copies nothing then', async () => {
    const { image, last } = await damagedFolder();
    const state = await readdir(image, { recursive: true });
    for (const [tx, why] of [
      ['0', /complete with transaction \d+ and cannot go back to 0/],
      [String(Number(last) + 1), /is damaged: .*last good transaction/],
    ] as const) {
      const { code, err } = await runInFolder(image, ['check', '--repair', '--truncate-after', tx]);
      expect(code).toBe(1);
      expect(err).toMatch(why);
    }
    const isKept = (name: string) => !/^(lock|trash)/.test(name);
    const kept = await readdir(image, { recursive: true });
    expect(kept.filter(isKept)).toEqual(state.filter(isKept));
    await nothingElse(image);
  });

  it('[CK21] refuses an end behind the last transaction', async () => {
    const { dataDir } = await createFilledFolder();
    const { code, err } = await runInFolder(dataDir, ['check', '--repair', '--truncate-after', '9999']);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/^The journal ends with transaction \d+, before 9999/),
    });
  });

  it('[CK22] can be done twice, and over what is left of a copy', async () => {
    const { image, last } = await damagedFolder();
    await mkdir(`${image}.before-20200101T000000Z.partial`);
    for (const _ of [1, 2]) {
      expect(await runCheck(image, '--repair', '--truncate-after', last)).toMatchObject({
        code: 0,
        faults: 0,
      });
    }
  });

  async function nothingElse(image: string, ...copies: string[]): Promise<void> {
    const beside = await readdir(join(image, '..'));
    const ours = beside.map((name) => join(image, '..', name)).filter((path) => path.startsWith(`${image}.`));
    expect(ours).toEqual(copies);
  }
});
