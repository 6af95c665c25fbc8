import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createNodeFileSystem } from '../../storage/json/disk/node-file-system.ts';
import { writePrivateFile } from '../../system/machine/private-file.ts';
import { CommandError, type Flag } from '../command/command.ts';

/** The flag of every command that writes a file. */
export const forceFlag = {
  force: { type: 'boolean', sentence: 'Replaces the file of this name, if there is one.' },
} as const satisfies Record<string, Flag>;

/** A file that a command writes: where, and whether it may replace one that is there. */
export interface OutputFile {
  readonly path: string;
  readonly force: boolean;
}

/** Throws CommandError when there is something of this name that may not be replaced. */
export async function assertReplaceable({ path, force }: OutputFile): Promise<void> {
  const present = await lstat(path).catch(() => undefined);
  if (present === undefined || (force && !present.isDirectory())) return;
  throw new CommandError(
    present.isDirectory()
      ? `${path} is a folder; name a file in it.`
      : `${path} exists; name another file, or replace it with --force.`,
  );
}

/**
 * Writes the parts into a private file, which appears under its name only when all of it is on the disk. Throws
 * CommandError when the file may not or cannot be written, and what the parts throw.
 */
export async function writeOutputFile(file: OutputFile, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const { path } = file;
  await assertReplaceable(file);
  let isOpen = false;
  const content = async function* () {
    isOpen = true;
    yield* parts;
    // It may have appeared while this was written.
    await assertReplaceable(file);
  };
  try {
    await writePrivateFile(path, content());
  } catch (error) {
    if (isOpen) throw error;
    throw new CommandError(
      `${path} cannot be written: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
  await createNodeFileSystem().syncFolder(dirname(path));
}
