import { copyPath } from './copied-folder.ts';
import { openJsonStore } from './json-store.ts';
import { defaultOptions, type JsonStoreOptions } from './json-store-options.ts';

const unhurriedMs = 24 * 3_600_000;

/**
 * Gives up what the journal holds behind transaction `tx`, after it copied the data folder; returns where the copy is.
 * Every stream has a new epoch then. Throws FolderInUseError, DamageError for what is damaged up to there or elsewhere,
 * and StartError when the history cannot end there; nothing is copied or changed then.
 */
export async function truncateStore(options: JsonStoreOptions, tx: number): Promise<string> {
  const copy = copyPath(options.dataDir, (options.now ?? defaultOptions.now)());
  await settleStore({ ...options, truncate: { after: tx, copy } });
  return copy;
}

/** Does what a start and a stop do, and takes as long as it needs: the files are exact then, and nothing else is left. */
export async function settleStore(options: JsonStoreOptions): Promise<void> {
  const store = await openJsonStore({ ...options, closeMs: unhurriedMs });
  await store.close();
}
