import { join } from 'node:path';
import type { ExternalEdit } from '../../../application/integrity/external-edits.ts';
import type { Store } from '../../../application/store/store.ts';
import { StartError } from '../../../domain/start-error.ts';
import { safetyCopyPath } from '../disk/copy-folder.ts';
import { layout } from '../folder/store-layout.ts';
import { defaultOptions, type JsonStoreOptions } from '../json-store-options.ts';
import { openJsonStore } from '../open-json-store.ts';
import { entityId } from '../records/any-entity.ts';
import type { ExternalEdits } from '../recovery/external-edits-scan.ts';

const offlineCloseTimeoutMs = 24 * 3_600_000;

/**
 * Gives up what the journal holds behind transaction `tx`, after it copied the data folder; returns where the copy is.
 * Every stream has a new epoch then. Throws FolderInUseError, DamageError for what is damaged up to there or elsewhere,
 * and StartError when the history cannot end there; nothing is copied or changed then.
 */
export async function truncateStore(options: JsonStoreOptions, tx: number): Promise<string> {
  const copy = safetyCopyPath(options.dataDir, (options.now ?? defaultOptions.now)());
  await checkpointStore({ ...options, truncate: { after: tx, copy } });
  return copy;
}

/**
 * Does what a start and a stop do, and takes as long as it needs: the files are exact then, and nothing else is left. A
 * missing `store.json` is written again.
 */
export async function checkpointStore(options: JsonStoreOptions): Promise<void> {
  const store = await openJsonStore({
    ...options,
    restoresStoreFile: true,
    mustWrite: true,
    closeTimeoutMs: offlineCloseTimeoutMs,
  });
  await store.close();
}

/** What became of edits by hand: the files that were taken in, and those that were gone and are written again. */
export interface AppliedEdits {
  readonly applied: readonly string[];
  readonly restored: readonly string[];
}

/**
 * As settleStore, with what was edited by hand: `check` gets it before anything is done, and throws when it cannot be;
 * `make` commits it then. Does nothing where there is no store. Throws StartError for files that were added.
 */
export async function acceptExternalEdits(
  options: JsonStoreOptions,
  check: (edits: readonly ExternalEdit[]) => void,
  make: (store: Store, edits: readonly ExternalEdit[]) => Promise<void>,
): Promise<AppliedEdits> {
  let edits: readonly ExternalEdit[] = [];
  let restored: readonly string[] = [];
  if (options.files.stat(join(options.dataDir, layout.store)) === undefined) return { applied: [], restored };
  const onEdits = (found: ExternalEdits) => {
    edits = toEdits(found);
    restored = found.changed.filter(({ text }) => text === undefined).map(({ path }) => path);
    check(edits);
  };
  const store = await openJsonStore({
    ...options,
    mustWrite: true,
    closeTimeoutMs: offlineCloseTimeoutMs,
    onExternalEdits: onEdits,
  });
  try {
    if (edits.length > 0) await make(store, edits);
  } finally {
    await store.close();
  }
  return { applied: edits.map(({ path }) => path), restored };
}

function toEdits({ changed, added }: ExternalEdits): readonly ExternalEdit[] {
  if (added.length > 0) {
    throw new StartError(
      `Files were added by hand: ${added.join(', ')}. Take them away: what is new is made through the server.`,
    );
  }
  return changed.flatMap(({ kind, entity, path, text }) =>
    text === undefined
      ? []
      : [{ kind, id: entityId(kind, entity), path, before: entity, value: parseJson(text) }],
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
