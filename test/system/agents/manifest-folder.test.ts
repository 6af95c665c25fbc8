import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createManifest } from '../../../src/domain/agents/manifest.ts';
import { manifestFolder } from '../../../src/system/agents/manifest-folder.ts';
import { samples } from '../../support/samples/samples.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

describe('the folder of manifests', () => {
  const manifest = createManifest({
    ...{ sessionId: 'sess_1', sessionName: 'S', role: 'worker', strategy: 'simple', skills: [] },
    ...{ project: samples.projects(), tasks: [samples.tasks()] },
  });

  it('[MF2] holds each as a whole and for its owner alone, until it is removed', async () => {
    const root = join(await createTempFolder(), 'sessions');
    const folder = manifestFolder(root);
    const path = await folder.write('sess_1', manifest);
    expect(path).toBe(join(root, 'sess_1', 'manifest.json'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'sess_1'))).mode & 0o777).toBe(0o700);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ manifestVersion: '1.0' });
    await folder.remove('sess_1');
    expect(await readdir(root)).toEqual([]);
    await folder.remove('sess_1');
    await mkdir(join(root, 'sess_2'));
    await writeFile(join(root, 'sess_2', 'notes.md'), 'mine');
    await folder.write('sess_2', manifest);
    await folder.remove('sess_2');
    expect(await readdir(join(root, 'sess_2'))).toEqual(['notes.md']);
  });
});
