import type { Edit } from '../../application/accepted-edits.ts';
import { StartError } from '../../application/start-error.ts';
import type { Store } from '../../application/store.ts';
import { copyPath } from './copied-folder.ts';
import { openJsonStore } from './json-store.ts';
import { defaultOptions, type JsonStoreOptions } from './json-store-options.ts';
import type { Edits } from './snapshot.ts';
import { idOf } from './stored-kind.ts';

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

/**
 * As settleStore, with what was edited by hand: `check` gets it before anything is done, and throws when it cannot be;
 * `make` commits it then. Returns how many edits that were. Throws StartError for files that were added.
 */
export async function settleEdits(
  options: JsonStoreOptions,
  check: (edits: readonly Edit[]) => void,
  make: (store: Store, edits: readonly Edit[]) => Promise<void>,
): Promise<number> {
  const { files, dataDir } = options;
  let found: readonly Edit[] = [];
  const onEdits = ({ changed, added }: Edits) => {
    if (added.length > 0)
      throw new StartError(`${added.join(', ')}: files cannot be added by hand; take them away.`);
    // A file that is gone is written again.
    found = changed.flatMap(({ kind, entity, path }) => {
      const text = files.readText(`${dataDir}/${path}`);
      return text === undefined
        ? []
        : [{ kind, id: idOf(kind, entity), path, before: entity, value: parsed(text) }];
    });
    check(found);
  };
  const store = await openJsonStore({ ...options, closeMs: unhurriedMs, onEdits });
  try {
    await make(store, found);
  } finally {
    await store.close();
  }
  return found.length;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
