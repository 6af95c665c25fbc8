import { open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import { systemErrorCode } from '../../../domain/values/system-error.ts';

const busyErrorCodes = ['EPERM', 'EACCES', 'EBUSY'];

/**
 * Puts a synced file with this text in place of the one at the path. The library makes the new file, syncs it and
 * exchanges it; the text is written here, since the library would take a part of it for the whole on a full disk.
 */
export async function replaceFile(path: string, text: string, assertOwner: () => void): Promise<void> {
  for (let wait = 50; ; wait *= 2) {
    try {
      return await replaceOnce(path, text, assertOwner);
    } catch (error) {
      // Windows refuses while a virus scanner or an indexer looks at the file.
      if (process.platform !== 'win32' || wait > 2000 || !isBusyError(error)) throw error;
      await setTimeout(wait);
    }
  }
}

function replaceOnce(path: string, text: string, assertOwner: () => void): Promise<void> {
  // The library writes into its options, so that they are never shared. It keeps the owner of the file, as it should.
  return writeFileAtomic(path, '', {
    mode: 0o600,
    tmpfileCreated: async (temporary: string) => {
      assertOwner();
      // Not made again: a successor that removed it must not find it back.
      const file = await open(temporary, 'r+');
      try {
        await file.writeFile(text);
      } finally {
        await file.close();
      }
    },
  });
}

function isBusyError(error: unknown): boolean {
  return busyErrorCodes.includes(systemErrorCode(error) ?? '');
}
