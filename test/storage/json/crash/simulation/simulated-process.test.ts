import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileSystem } from '../../../../../src/storage/json/disk/file-system.ts';
import { createNodeFileSystem } from '../../../../../src/storage/json/disk/node-file-system.ts';
import { createTempFolder } from '../../../../support/stores/temp-folder.ts';
import { SimulatedDisk, type WriteOutcome } from './simulated-disk.ts';
import { SimulatedProcess } from './simulated-process.ts';

/** What a file system says to everything that a store asks of one; refusals by their codes. */
async function answers(files: FileSystem, top: string): Promise<unknown[]> {
  const at = (path: string) => join(top, path);
  const said: unknown[] = [];
  const say = async (ask: () => unknown) => {
    try {
      said.push(await ask());
    } catch (error) {
      said.push(error instanceof Error && 'code' in error ? error.code : String(error));
    }
  };
  const text = (path: string) => say(() => files.readText(at(path)));
  const names = (path: string) =>
    say(() =>
      files
        .list(at(path))
        .map(({ name, isFolder }) => `${name} ${isFolder}`)
        .sort(),
    );
  const append = (open: 'create' | 'openForAppend', path: string, ...parts: string[]) =>
    say(async () => {
      const file = await files[open](at(path));
      for (const part of parts) await file.append(Buffer.from(part));
      await file.sync();
      await file.close();
    });

  await say(() => files.makeFolder(at('a/b')));
  await say(() => files.makeFolder(at('a/b')));
  await append('create', 'a/log', 'one', 'two');
  await append('create', 'a/log', 'three');
  await append('openForAppend', 'a/log', 'four');
  await append('openForAppend', 'a/none', 'five');
  await append('create', 'none/log', 'six');
  await text('a/log');
  await say(async () => Buffer.from(await files.readRange(at('a/log'), 2, 4)).toString());
  await say(async () => Buffer.from(await files.readRange(at('a/log'), 8, 40)).toString());
  await say(() => files.readRange(at('a/none'), 0, 1));
  await say(() => files.stat(at('a/log'))?.bytes);
  await say(() => files.stat(at('a/none')));
  await say(async () => (await files.statAll([at('a/log'), at('a/none')]))[0]);
  await say(async () => (await files.statAll([at('a/log'), at('a/none')])).slice(2));
  await say(() => files.createExclusive(at('claim'), 'mine'));
  await say(() => files.createExclusive(at('claim'), 'yours'));
  await text('claim');
  await say(() => files.replace(at('a/one.json'), 'first', () => {}));
  await say(() => files.replace(at('a/one.json'), 'second', () => {}));
  await say(() =>
    files.replace(at('a/one.json'), 'third', () => {
      throw new Error('not the owner');
    }),
  );
  await text('a/one.json');
  await names('a');
  await say(() => files.move(at('a/log'), at('a/b/log')));
  await say(() => files.move(at('a/log'), at('a/b/log')));
  await say(() => files.move(at('a/b/log'), at('none/log')));
  await say(() => files.move(at('a/b'), at('c')));
  await names('c');
  await names('none');
  await text('c/log');
  await text('c/none');
  await say(() => files.syncFolder(at('c')));
  await say(() => files.remove(at('c')));
  await say(() => files.remove(at('c')));
  await names('.');
  return said;
}

/** The texts of files on a disk on which this was done, after a power cut with this fate of everything unsynced. */
async function left(
  work: (files: FileSystem) => Promise<void>,
  fate: WriteOutcome,
): Promise<(string | undefined)[]> {
  const disk = new SimulatedDisk();
  await work(new SimulatedProcess(disk));
  const unsynced = disk.unsyncedAt(disk.moment);
  const fates = new Map(
    unsynced.map((effect) => [effect, effect.what === 'naming' ? 'kept' : fate] as const),
  );
  const after = new SimulatedProcess(disk.afterPowerCut(disk.moment, fate === 'lost' ? new Map() : fates));
  return ['/new', '/old'].map((path) => after.readText(path));
}

describe('the simulated file system', () => {
  it('[CR5] answers as that of the machine does', async () => {
    const real = await answers(createNodeFileSystem(), await createTempFolder());
    expect(await answers(new SimulatedProcess(new SimulatedDisk()), '/')).toStrictEqual(real);
  });

  it('[CR5] keeps through a power cut what was synced, bytes and names each by themselves', async () => {
    const write = (synced: 'bytes' | 'names' | 'both' | 'nothing') => async (files: FileSystem) => {
      const file = await files.create('/new');
      await file.append(Buffer.from('12345678'));
      if (synced === 'bytes' || synced === 'both') await file.sync();
      if (synced === 'names' || synced === 'both') await files.syncFolder('/');
    };
    expect(await left(write('both'), 'lost')).toStrictEqual(['12345678', undefined]);
    expect(await left(write('bytes'), 'lost')).toStrictEqual([undefined, undefined]);
    expect(await left(write('names'), 'lost')).toStrictEqual(['', undefined]);
    expect(await left(write('nothing'), 'lost')).toStrictEqual([undefined, undefined]);
    expect(await left(write('nothing'), 'kept')).toStrictEqual(['12345678', undefined]);
    expect(await left(write('names'), 'head')).toStrictEqual(['1234', undefined]);
    expect(await left(write('names'), 'start')).toStrictEqual(['1234\0\0\0\0', undefined]);
    expect(await left(write('names'), 'tail')).toStrictEqual(['\0\0\0\x005678', undefined]);
    expect(await left(write('names'), 'zeros')).toStrictEqual(['\0'.repeat(8), undefined]);
  });

  it('[CR5] takes back a rename as a whole, and a removal', async () => {
    const rename = async (files: FileSystem) => {
      await files.createExclusive('/old', 'text');
      await files.syncFolder('/');
      await files.move('/old', '/new');
    };
    expect(await left(rename, 'lost')).toStrictEqual([undefined, 'text']);
    expect(await left(rename, 'kept')).toStrictEqual(['text', undefined]);
    const remove = async (files: FileSystem) => {
      await rename(files);
      await files.syncFolder('/');
      await files.remove('/new');
    };
    expect(await left(remove, 'lost')).toStrictEqual(['text', undefined]);
    expect(await left(remove, 'kept')).toStrictEqual([undefined, undefined]);
  });

  it('[CR5] writes nothing any more of which a sync has failed, and shows it as written', async () => {
    const disk = new SimulatedDisk();
    let isFailing = true;
    const files = new SimulatedProcess(disk, {
      before({ operation }) {
        if (operation === 'sync' && isFailing) throw new Error('input/output error');
      },
    });
    const file = await files.create('/new');
    await files.syncFolder('/');
    await file.append(Buffer.from('lost'));
    await expect(file.sync()).rejects.toThrow('input/output error');
    isFailing = false;
    await file.sync();
    expect(files.readText('/new')).toBe('lost');
    expect(new SimulatedProcess(disk.afterPowerCut(disk.moment, new Map())).readText('/new')).toBe('');
  });
});
