import { rm } from 'node:fs/promises';
import { readText, writePrivate } from './private-file.ts';

/** Says in the file where the server is; returns what removes the file again, if it still says that. */
export async function publishUrl(path: string, url: string): Promise<() => Promise<void>> {
  await writePrivate(path, url);
  return async () => {
    if ((await readText(path)) === url) await rm(path, { force: true });
  };
}
