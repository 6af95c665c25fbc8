import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../../../domain/values/system-error.ts';

/**
 * Makes the folder and those above it, for the owner alone; one that exists stays as it is. Not with `recursive` of
 * Node, which tries for ever where nothing can be made, as in `/proc`.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    await makeFolder(parent);
    await mkdir(path, { mode: 0o700 }).catch((second) => {
      // Another process may have made it meanwhile.
      if (second.code !== 'EEXIST') throw second;
    });
  }
}
