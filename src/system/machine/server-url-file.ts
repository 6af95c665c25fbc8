import { rm } from 'node:fs/promises';
import { readTextFile, writePrivateFile } from './private-file.ts';

/** Writes the URL of the server to the file; returns what removes the file, unless it holds another URL by then. */
export async function writeServerUrlFile(path: string, url: string): Promise<() => Promise<void>> {
  await writePrivateFile(path, url);
  return async () => {
    if ((await readTextFile(path)) === url) await rm(path, { force: true });
  };
}
