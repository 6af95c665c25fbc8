import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestFolder } from '../../application/agents/manifest-ports.ts';
import { makePrivateFolder, writePrivateFile } from '../machine/private-file.ts';

/** Keeps manifests as private files `<folder>/<session>/manifest.json`. */
export function manifestFolder(folder: string): ManifestFolder {
  return {
    async write(sessionId, manifest) {
      await makePrivateFolder(join(folder, sessionId));
      const path = join(folder, sessionId, 'manifest.json');
      await writePrivateFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
      return path;
    },

    async remove(sessionId) {
      await rm(join(folder, sessionId, 'manifest.json'), { force: true });
      // A folder with files of the agent is not empty, and stays.
      await rmdir(join(folder, sessionId)).catch(() => {});
    },
  };
}
