import { dirname } from 'node:path';
import { StartError } from '../../../domain/start-error.ts';
import { parseSystemError } from '../../../domain/values/system-error.ts';
import { DamageError } from './damage-error.ts';
import type { FileSystem } from './file-system.ts';

const remedy = 'Set DATA_DIR to a folder on a local disk that this user may write to.';

/** What the operating system reported about the data folder at a start, as a StartError; every other error as it is. */
export function toFolderError(error: unknown, dataDir: string): unknown {
  const found = parseSystemError(error);
  if (found === undefined || error instanceof StartError) return error;
  const { code, path, reason } = found;
  if (!path.startsWith(`${dataDir}/`)) {
    const place = path === dataDir ? '' : ` ${path}:`;
    return new StartError(`The data folder ${dataDir} cannot be used:${place} ${reason}. ${remedy}`, error);
  }
  const file = path.slice(dataDir.length + 1);
  if (code === 'EISDIR' || code === 'ENOTDIR') return new DamageError({ file }, reason, error);
  return new StartError(`The data folder ${dataDir} cannot be used: ${file}: ${reason}. ${remedy}`, error);
}

/** The path itself, or else the nearest one above it where something is. */
export function nearestExisting(files: FileSystem, path: string): string {
  let nearest = path;
  while (files.stat(nearest) === undefined && nearest !== dirname(nearest)) nearest = dirname(nearest);
  return nearest;
}

/** Throws StartError when there is a file where the data folder is to be, or where a folder above it is to be. */
export function assertFolder(files: FileSystem, dataDir: string): void {
  // Whether a path through a file is an error of its own, or only absent, depends on the version of Node.
  const nearest = nearestExisting(files, dataDir);
  if (files.stat(nearest)?.isFolder !== false) return;
  const what =
    nearest === dataDir ? 'it is a file, not a folder' : 'a part of the path is a file, not a folder';
  throw new StartError(`The data folder ${dataDir} cannot be used: ${what}. ${remedy}`);
}
