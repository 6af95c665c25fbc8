import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestFolder } from '../../application/agents/manifest-ports.ts';
import { makePrivateFolder, writePrivate } from '../machine/private-file.ts';

/** Manifests as files `<folder>/<session>/manifest.json`, each its owner's alone. */
export function manifestFolder(folder: string): ManifestFolder {
  return {
    async write(sessionId, manifest) {
      await makePrivateFolder(join(folder, sessionId));
      const path = join(folder, sessionId, 'manifest.json');
      await writePrivate(path, `${JSON.stringify(manifest, null, 2)}\n`);
      return path;
    },

    async remove(sessionId) {
      await rm(join(folder, sessionId, 'manifest.json'), { force: true });
      // What an agent has put beside it stays.
      await rmdir(join(folder, sessionId)).catch(() => {});
    },
  };
}
