import { readdirSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { repositoryRoot } from './source-file.ts';

const maxFiles = 20;

/** Every file under the folders of the repository, whatever its kind, by its path from the top. */
export function listFiles(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(repositoryRoot, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort(),
  );
}

/** The folders that hold more files than a reader can take in; a sentence for each. */
export function findCrowdedFolders(files: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const file of files) {
    const folder = posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > maxFiles)
    .map(([folder, count]) => `${folder}: ${count} files, at most ${maxFiles}; give some of them a folder`);
}

/**
 * What the folder tables of a page lack or say too much: a sentence for each fault. A folder of test that has the name
 * of a folder of src needs no row: it tests that folder.
 */
export function findUndescribedFolders(files: readonly string[], page: string): string[] {
  const folders = foldersOf(files);
  const described = [...page.matchAll(/^\| `((?:src|test)(?:\/[a-z0-9-]+)*)` \| (.*) \|$/gm)];
  const names = described.map(([, folder = '']) => folder);
  const isMirror = (folder: string) =>
    folder.startsWith('test') && folders.has(folder.replace(/^test/, 'src')) && folder !== 'test';
  return [
    ...[...folders]
      .filter((folder) => !names.includes(folder) && !isMirror(folder))
      .map((folder) => `${folder}: no row of the page says what it holds`),
    ...names
      .filter((folder) => !folders.has(folder))
      .map((folder) => `${folder}: the page describes it, and it does not exist`),
    ...names
      .filter((folder, at) => names.indexOf(folder) !== at)
      .map((folder) => `${folder}: the page describes it twice`),
    ...described
      .filter(([, , sentence = '']) => !/^[A-Z`].+\.$/.test(sentence.trim()))
      .map(([, folder]) => `${folder}: its row is not a sentence`),
  ];
}

/** The folders that hold the files, and those above them. */
function foldersOf(files: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder))
      folders.add(folder);
  }
  return folders;
}
