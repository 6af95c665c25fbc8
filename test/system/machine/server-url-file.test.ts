import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeServerUrlFile } from '../../../src/system/machine/server-url-file.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

describe('[PR2] the file that says where the server is', () => {
  it('holds the URL and nothing else, and goes at the stop', async () => {
    const folder = await createTempFolder();
    const path = join(folder, 'server-url');
    await writeFile(path, 'http://127.0.0.1:1');
    const withdraw = await writeServerUrlFile(path, 'http://127.0.0.1:3000');
    expect(await readFile(path, 'utf8')).toBe('http://127.0.0.1:3000');
    await withdraw();
    await withdraw();
    expect(await readdir(folder)).toEqual([]);
  });

  it('stays when another server has taken it over', async () => {
    const path = join(await createTempFolder(), 'server-url');
    const withdraw = await writeServerUrlFile(path, 'http://127.0.0.1:3000');
    await writeFile(path, 'http://127.0.0.1:4000');
    await withdraw();
    expect(await readFile(path, 'utf8')).toBe('http://127.0.0.1:4000');
  });
});
