import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeOutputFile } from '../../../src/cli/data/output-file.ts';
import { runInFolder } from '../../support/programs/run-in-folder.ts';
import { createFilledFolder } from '../../support/stores/filled-folder.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

describe('commands that write a file', () => {
  it('[BK13] replace a file only when they are told to', async () => {
    const { dataDir } = await createFilledFolder();
    const folder = await createTempFolder();
    for (const command of ['backup', 'export']) {
      const present = join(folder, command);
      await writeFile(present, 'mine');
      expect(await runInFolder(dataDir, [command, present])).toEqual({
        code: 1,
        out: '',
        err: `${present} exists; name another file, or replace it with --force.\n`,
      });
      expect(await readFile(present, 'utf8')).toBe('mine');
      expect(await runInFolder(dataDir, [command, present, '--force'])).toMatchObject({ code: 0 });
      expect(await readFile(present, 'utf8')).toMatch(/^\{"format":/);
      expect(await runInFolder(dataDir, [command, folder, '--force'])).toMatchObject({
        code: 1,
        err: `${folder} is a folder; name a file in it.\n`,
      });
    }
    expect((await readdir(folder)).sort()).toEqual(['backup', 'export']);
  });

  it('[BK13] do not replace a file that appears while they write', async () => {
    const late = join(await createTempFolder(), 'late');
    async function* parts() {
      yield Buffer.from('written');
      await writeFile(late, 'mine');
    }
    await expect(writeOutputFile({ path: late, force: false }, parts())).rejects.toThrow(/exists/);
    expect(await readFile(late, 'utf8')).toBe('mine');
  });
});
