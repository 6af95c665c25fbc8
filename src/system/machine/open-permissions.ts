import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every file and folder at and below the path with a permission for group or others; links are not followed. */
export function* pathsOpenToOthers(path: string): Generator<string> {
  if (process.platform === 'win32') return;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isSymbolicLink()) return;
  if ((stats.mode & 0o077) !== 0) yield path;
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(path)) yield* pathsOpenToOthers(join(path, name));
}
