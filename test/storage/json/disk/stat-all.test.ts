import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';

it('[JS102] looks at very many files as at one, and says of a bad one what is wrong', async () => {
  const folder = await createTempFolder();
  const [file, none, circle] = ['file', 'none', 'circle'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(file, 'some text');
  await symlink(circle, circle);
  const files = createNodeFileSystem();
  const { bytes, touchedAt } = files.stat(file) ?? {};
  for (const count of [1, 6000]) {
    const stats = await files.statAll([...Array<string>(count).fill(file), none]);
    expect([...stats.slice(0, 2), ...stats.slice(-4)]).toEqual([bytes, touchedAt, bytes, touchedAt, -1, -1]);
    expect(stats).toHaveLength(2 * count + 2);
    await expect(files.statAll(Array<string>(count).fill(circle))).rejects.toThrow('ELOOP');
  }
});
