import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { openJsonStore } from '../../../../../src/storage/json/open-json-store.ts';
import { createTempFolder } from '../../../../support/stores/temp-folder.ts';

const top = join(import.meta.dirname, '../../../../..');
const storage = join(top, 'src/storage');

/** A deliberate fault in a module of the store: what stands there, and what is put in its place. */
export interface SourceMutant {
  readonly module: string;
  readonly from: string;
  readonly to: string;
  /** The paths at whose steps it is looked for, all when left out. */
  readonly at?: RegExp;
}

/** Deliberate faults that lose something at a power cut, by what they do. */
export const powerLossSourceMutants: Readonly<Record<string, SourceMutant>> = {
  'acknowledges before it appends': {
    module: 'journal',
    from: 'await this.#segments.writeBatch(',
    to: 'void this.#segments.writeBatch(',
  },
  'shows what is not durable': {
    module: 'json-store',
    from: 'await journal.waitUntilDurable(view.tx);',
    to: '',
  },
  'does not write again what it found in the journal': {
    module: 'open-json-store',
    from: 'segments.beginTerm(checkpointTx, replayed)',
    to: 'segments.beginTerm(checkpointTx, [])',
  },
  'notes a checkpoint before the names it counts on are synced': {
    module: 'checkpoint',
    from: 'await folder.sync();\n    await folder.replace(',
    to: 'await folder.replace(',
  },
  'asks for transactions that a later term made void': {
    module: 'journal-reader',
    from: 'if (limit <= this.#lastTx) return;',
    to: '',
  },
};

/** Deliberate faults that let a frozen process harm its successor, by what they do. */
export const zombieSourceMutants: Readonly<Record<string, SourceMutant>> = {
  'looks for a successor before it appends': {
    module: 'journal-segments',
    from: 'await this.#appendBatch(texts);\n    await this.#file?.sync();',
    to: 'this.#folder.fence.assertOwned(); await this.#appendBatch(texts); await this.#file?.sync(); return;',
    at: /\/journal\//,
  },
  'removes what a successor made': {
    module: 'owned-folder',
    from: 'async removeListed(path: string): Promise<void> {\n    this.fence.assertOwned();',
    to: 'async removeListed(path: string): Promise<void> {',
    at: /^\/data(\/journal)?$/,
  },
};

/** Deliberate faults that let changed bytes pass, by what they do. */
export const corruptionSourceMutants: Readonly<Record<string, SourceMutant>> = {
  'takes any line of the journal for whole': {
    module: 'checksummed-line',
    from: '||\n    bytes.toString(',
    to: '&&\n    bytes.toString(',
  },
};

/** Deliberate faults that show when a step of the file system fails, by what they do. */
export const ioErrorSourceMutants: Readonly<Record<string, SourceMutant>> = {
  'goes on after a failed sync of the journal': {
    module: 'journal-segments',
    from: 'await this.#file?.sync();\n    // Behind',
    to: 'await this.#file?.sync().catch(() => this.#file?.sync());\n    // Behind',
    at: /\/journal\//,
  },
  'appends to a file of a log at which it failed before': {
    module: 'log-writer',
    from: 'log.beginSegment();\n      throw error;',
    to: 'throw error;',
    at: /\/events\/workspace\//,
  },
  'forgets a folder whose sync failed': {
    module: 'owned-folder',
    from: 'this.#unsyncedFolders.add(folder);\n        throw error;',
    to: 'throw error;',
    at: /^\/data\/[a-z]+$/,
  },
};

/**
 * The store with the fault, or without any, from a copy of its modules that is gone when the test has finished. What it
 * imports from elsewhere is not copied: an error of the copy is one for whoever knows errors by their class.
 */
export async function openMutant(mutant?: SourceMutant): Promise<typeof openJsonStore> {
  const folder = await createTempFolder();
  for (const path of await readdir(storage, { recursive: true })) {
    if (!path.endsWith('.ts') || path.startsWith('postgres')) continue;
    const text = await readFile(join(storage, path), 'utf8');
    const copy = text.replaceAll(/from '(\.\.\/)+(?=domain|application)/g, `from '${top}/src/`);
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), applyMutant(copy, path, mutant));
  }
  // What the copy exports has the type of what it was copied from.
  const store: { openJsonStore: typeof openJsonStore } = await import(
    join(folder, 'json/open-json-store.ts')
  );
  return store.openJsonStore;
}

function applyMutant(text: string, path: string, mutant?: SourceMutant): string {
  if (mutant === undefined || basename(path) !== `${mutant.module}.ts`) return text;
  const { from, to } = mutant;
  if (text.split(from).length !== 2) throw new Error(`${path} does not say ${from} once.`);
  return text.replace(from, () => to);
}
