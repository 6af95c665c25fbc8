import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crashImage } from '../storage/json/disposable-store.ts';
import { edit, found, onlyFile, told } from '../support/checked.ts';
import { filledFolder, withFolder } from '../support/filled-folder.ts';
import { call } from '../support/open-services.ts';
import { runAt } from '../support/run-at.ts';

describe('repair', () => {
  /** A folder that a crash left with three projects in its journal, the second of which is damaged. */
  async function damagedFolder() {
    const { dataDir } = await filledFolder();
    const before = await withFolder(dataDir, async (_, store) =>
      store.read((reader) => reader.events.head('workspace')),
    );
    const image = await withFolder(dataDir, async (services) => {
      for (const name of ['Kept', 'Damaged', 'Behind']) await services.projects.create(call(), { name });
      return crashImage(dataDir);
    });
    const segment = await onlyFile(join(image, 'journal'));
    await edit(segment, (text) => text.replaceAll('Damaged', 'dAMAGED'));
    const { findings } = await found(image);
    const [, last = ''] = /last good transaction is (\d+)/.exec(told(findings, 'fault').join()) ?? [];
    return { image, last, before, damage: await readFile(segment, 'utf8') };
  }

  it('[CK20] cuts the journal where it is told to, copies the folder before, and begins a new epoch', async () => {
    const { image, last, before, damage } = await damagedFolder();
    const { code, findings } = await found(image, '--repair', '--truncate-after', last);
    expect({ code, faults: told(findings, 'fault') }).toEqual({ code: 0, faults: [] });
    const [, copy = ''] = /epoch; (.*) is as it was/.exec(findings[0]?.sentence ?? '') ?? [];
    expect(copy.startsWith(`${image}.before-`)).toBe(true);
    expect(await readFile(await onlyFile(join(copy, 'journal')), 'utf8')).toBe(damage);
    expect((await stat(copy)).mode & 0o777).toBe(0o700);
    await withFolder(image, async (services, store) => {
      const { items } = await services.projects.list(call(), { limit: 10 });
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
      const { code, err } = await runAt(image, ['check', '--repair', '--truncate-after', tx]);
      expect(code).toBe(1);
      expect(err).toMatch(why);
    }
    const isKept = (name: string) => !/^(lock|trash)/.test(name);
    const kept = await readdir(image, { recursive: true });
    expect(kept.filter(isKept)).toEqual(state.filter(isKept));
    await nothingElse(image);
  });

  it('[CK21] refuses an end behind the last transaction', async () => {
    const { dataDir } = await filledFolder();
    const { code, err } = await runAt(dataDir, ['check', '--repair', '--truncate-after', '9999']);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/^The journal ends with transaction \d+, before 9999/),
    });
  });

  it('[CK22] can be done twice, and over what is left of a copy', async () => {
    const { image, last } = await damagedFolder();
    await mkdir(`${image}.before-20200101T000000Z.partial`);
    for (const _ of [1, 2]) {
      expect(await found(image, '--repair', '--truncate-after', last)).toMatchObject({ code: 0, faults: 0 });
    }
  });

  async function nothingElse(image: string, ...copies: string[]): Promise<void> {
    const beside = await readdir(join(image, '..'));
    const ours = beside.map((name) => join(image, '..', name)).filter((path) => path.startsWith(`${image}.`));
    expect(ours).toEqual(copies);
  }
});
