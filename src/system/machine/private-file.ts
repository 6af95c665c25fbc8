import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { systemErrorCode } from '../../domain/values/system-error.ts';

/** The text of the file without trailing white space, or undefined when the file does not exist. */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trimEnd();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Replaces the file atomically, with mode 0600: after a crash it is the old file or the whole new one, and when the
 * content throws it is the old one. Throws what the content and the file system throw.
 */
export function writePrivateFile(path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
  return writeFileAtomic(path, '', {
    mode: 0o600,
    // The library's own write ignores how many bytes were written, and would accept a part on a full disk.
    tmpfileCreated: (temporary: string) => writeFile(temporary, content, { flag: 'r+' }),
  });
}

/** Makes the folder and its missing parents with mode 0700; an existing folder stays as it is. */
export async function makePrivateFolder(path: string): Promise<void> {
  // Not with "recursive" of Node, which tries for ever where nothing can be made, as in /proc.
  const parent = dirname(path);
  if (parent !== path && !(await exists(parent))) await makePrivateFolder(parent);
  await mkdir(path, { mode: 0o700 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Removes every permission of group and others from the file or folder; returns whether there were any. */
export async function removeOthersPermissions(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  const isOpen = process.platform !== 'win32' && (mode & 0o077) !== 0;
  if (isOpen) await chmod(path, mode & 0o700);
  return isOpen;
}
