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

/** Throws StartError when there is a file where the data folder is to be. */
export function assertFolder(files: FileSystem, dataDir: string): void {
  if (files.stat(dataDir)?.isFolder !== false) return;
  throw new StartError(`The data folder ${dataDir} cannot be used: it is a file, not a folder. ${remedy}`);
}
