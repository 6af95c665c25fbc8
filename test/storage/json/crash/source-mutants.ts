import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { openJsonStore } from '../../../../src/storage/json/json-store.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const top = join(import.meta.dirname, '../../../..');

/** A deliberate fault in a module of the built store: what stands there, and what is put in its place. */
export interface SourceMutant {
  readonly module: string;
  readonly from: string;
  readonly to: string;
}

/** Deliberate faults that lose something at a power cut, by what they do. */
export const powerSourceMutants: Readonly<Record<string, SourceMutant>> = {
  'acknowledges before it appends': {
    module: 'journal',
    from: 'await this.#segments.write(',
    to: 'void this.#segments.write(',
  },
  'shows what is not durable': { module: 'running-store', from: 'await journal.barrier(view.tx);', to: '' },
  'does not write again what it found in the journal': {
    module: 'json-store',
    from: 'segments.takeOver(noted, replayed)',
    to: 'segments.takeOver(noted, [])',
  },
  'notes a checkpoint before the names it counts on are synced': {
    module: 'checkpoint',
    from: 'await folder.sync();\n        await folder.replace(',
    to: 'await folder.replace(',
  },
  'takes any line of the journal for whole': {
    module: 'journal-line',
    from: '|| bytes.toString(',
    to: '&& bytes.toString(',
  },
  'asks for transactions that a later term made void': {
    module: 'journal-reader',
    from: 'if (limit <= this.#last)\n            return;',
    to: '',
  },
};

/** Deliberate faults that let a frozen process harm its successor, by what they do. */
export const zombieSourceMutants: Readonly<Record<string, SourceMutant>> = {
  'looks for a successor before the sync': {
    module: 'journal-segments',
    from: 'await this.#file?.sync();\n        // Behind',
    to: 'this.#folder.fence.assert(); await this.#file?.sync(); return;\n        // Behind',
  },
  'removes what a successor made': {
    module: 'owned-folder',
    from: 'async removeListed(path) {\n        this.fence.assert();',
    to: 'async removeListed(path) {',
  },
  'counts what an earlier term wrote after a later one began': {
    module: 'journal-reader',
    from: 'if (header !== undefined)',
    to: 'if (header === null)',
  },
};

/** Deliberate faults that show when a step of the file system fails, by what they do. */
export const carelessSourceMutants: Readonly<Record<string, SourceMutant>> = {
  'goes on after a failed sync of the journal': {
    module: 'journal-segments',
    from: 'await this.#file?.sync();\n        // Behind',
    to: 'await this.#file?.sync().catch(() => this.#file?.sync());\n        // Behind',
  },
  'appends to a file of a log at which it failed before': {
    module: 'log-writer',
    from: 'log.begin();\n            throw error;',
    to: 'throw error;',
  },
  'forgets a folder whose sync failed': {
    module: 'owned-folder',
    from: 'this.#touched.add(folder);\n                throw error;',
    to: 'throw error;',
  },
};

/** The store with the fault, built from a copy of the program that is gone when the test has finished. */
export async function openMutant({ module, from, to }: SourceMutant): Promise<typeof openJsonStore> {
  // Below a folder of packages, as those are run as they are.
  const folder = join(await tempFolder(), 'node_modules/mutant');
  await cp(join(top, 'dist'), folder, { recursive: true, filter: (path) => !/\.(map|d\.ts)$/.test(path) });
  await symlink(join(top, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const path = join(folder, 'storage/json', `${module}.js`);
  const text = await readFile(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${module}.js does not say ${from} once.`);
  await writeFile(
    path,
    text.replace(from, () => to),
  );
  // What the copy exports has the type of what it was copied from.
  const store: { openJsonStore: typeof openJsonStore } = await import(
    pathToFileURL(join(folder, 'storage/json/json-store.js')).href
  );
  return store.openJsonStore;
}
