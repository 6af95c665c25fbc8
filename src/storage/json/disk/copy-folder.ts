import { posix } from 'node:path';
import type { FileSystem } from './file-system.ts';

/**
 * Copies a folder with all in it but `except`, for the owner alone and synced; the copy appears under its name once it
 * is whole. What an earlier try left of it is taken away.
 */
export async function copyFolder(
  files: FileSystem,
  from: string,
  to: string,
  except: readonly string[] = [],
): Promise<void> {
  const draft = `${to}.partial`;
  await files.remove(draft);
  await copyContents(files, from, draft, except);
  await files.move(draft, to);
  await files.syncFolder(posix.dirname(to));
}

async function copyContents(
  files: FileSystem,
  from: string,
  to: string,
  except: readonly string[],
): Promise<void> {
  await files.makeFolder(to);
  for (const { name, isFolder } of files.list(from)) {
    if (except.includes(name)) continue;
    if (isFolder) await copyContents(files, `${from}/${name}`, `${to}/${name}`, []);
    else await copyFile(files, `${from}/${name}`, `${to}/${name}`);
  }
  await files.syncFolder(to);
}

/** Copies a file, synced, to where none is. */
export async function copyFile(files: FileSystem, from: string, to: string): Promise<void> {
  const bytes = files.read(from);
  if (bytes === undefined) return;
  const file = await files.create(to);
  try {
    await file.append(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Where the copy of a data folder is put before something is done to it at this time: beside it. */
export function safetyCopyPath(dataDir: string, now: number): string {
  return `${dataDir}.before-${new Date(now).toISOString().replace(/[-:.]/g, '')}`;
}
