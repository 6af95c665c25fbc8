import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writePrivateFile } from '../../../src/system/machine/private-file.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const mode = async (path: string) => (await stat(path)).mode & 0o777;

describe('[PR8] a private file', () => {
  it('holds the whole text, for its owner only, whatever the old file allowed', async () => {
    const folder = await createTempFolder();
    const path = join(folder, 'file');
    await writeFile(path, 'a longer text than the new one');
    await chmod(path, 0o644);
    await writePrivateFile(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await mode(path)).toBe(0o600);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('is not there before its content has ended, and is private while it is written', async () => {
    const folder = await createTempFolder();
    const path = join(folder, 'file');
    const during: { names?: string[]; mode?: number } = {};
    await writePrivateFile(
      path,
      (async function* () {
        yield Buffer.from('one ');
        during.names = await readdir(folder);
        during.mode = await mode(join(folder, during.names[0] ?? ''));
        yield Buffer.from('two');
      })(),
    );
    expect(during.names).toHaveLength(1);
    expect(during.names).not.toContain('file');
    expect(during.mode).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe('one two');
  });

  it('stays as it was when its content fails', async () => {
    const folder = await createTempFolder();
    const path = join(folder, 'file');
    await writePrivateFile(path, 'old');
    const failing = (async function* () {
      yield Buffer.from('part');
      throw new Error('broken');
    })();
    await expect(writePrivateFile(path, failing)).rejects.toThrow('broken');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('holds one of the texts when several are written at once', async () => {
    const folder = await createTempFolder();
    const path = join(folder, 'file');
    const texts = ['a'.repeat(10_000), 'b'.repeat(20_000), 'c'];
    await Promise.all(texts.map((text) => writePrivateFile(path, text)));
    expect(texts).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['file']);
  });
});
