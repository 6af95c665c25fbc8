import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every file and folder from here down that others than the owner may do anything with; links are not followed. */
export function* openToOthers(path: string): Generator<string> {
  if (process.platform === 'win32') return;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isSymbolicLink()) return;
  if ((found.mode & 0o077) !== 0) yield path;
  if (!found.isDirectory()) return;
  for (const name of readdirSync(path)) yield* openToOthers(join(path, name));
}
