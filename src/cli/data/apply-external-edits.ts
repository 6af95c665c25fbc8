import { createActorStoreFactory } from '../../application/access/actor-store.ts';
import { applyExternalEdits, validateExternalEdits } from '../../application/integrity/external-edits.ts';
import type { Config } from '../../config/config.ts';
import { createNodeFileSystem } from '../../storage/json/disk/node-file-system.ts';
import { acceptExternalEdits } from '../../storage/json/offline/repair-folder.ts';
import { CommandError } from '../command/command.ts';

/**
 * Takes in what was edited by hand while no server used the data folder, and returns a sentence about that. Throws
 * CommandError where there are no files, and StartError for an edit that cannot be taken in; nothing is changed then.
 */
export async function applyDataFolderEdits(config: Config): Promise<string> {
  const { DATA_DIR, DATABASE_TYPE, STORE_ALLOW_NETWORK_FS } = config;
  if (DATABASE_TYPE === 'postgres') {
    throw new CommandError('--accept-edits is for data folders, and everything is in PostgreSQL here.');
  }
  const options = { files: createNodeFileSystem(), dataDir: DATA_DIR, allowNetwork: STORE_ALLOW_NETWORK_FS };
  const { applied, restored } = await acceptExternalEdits(options, validateExternalEdits, (store, edits) =>
    applyExternalEdits(createActorStoreFactory(store), edits),
  );
  const written =
    restored.length === 0
      ? ''
      : ` What was gone is written again: ${restored.join(', ')}; delete it through the server.`;
  return applied.length === 0
    ? `There was no edit to take in.${written}`
    : `Took edits in: ${applied.join(', ')}.${written}`;
}
