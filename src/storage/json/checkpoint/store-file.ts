import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { StartError } from '../../../domain/start-error.ts';
import { DamageError } from '../disk/damage-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import { assertFolder, nearestExisting } from '../disk/unusable-folder-error.ts';
import { layout } from '../folder/store-layout.ts';
import { classifyFolder } from './folder-contents.ts';

const format = 1;
const storeFileSchema = z.object({ format: z.int(), storeId: z.string().min(1) });

/** The text of the file that says that a folder holds a new store of this format. */
export function encodeNewStoreFile(): string {
  return `${JSON.stringify({ format, storeId: randomUUID() })}\n`;
}

/** Which folders are accepted that are rejected otherwise. */
export interface CompatibilityRules {
  readonly allowNetwork: boolean;
  readonly restoresStoreFile: boolean;
}

const nameRemedy =
  'Stop every process that may use the folder, then run "maestro-server check --fix", which writes the file again; or restore a backup into another folder: maestro-server restore FILE.';

/**
 * Throws StartError, having changed nothing, unless the folder is a store of this format or may become one. A store that
 * lost the file which says so passes when `restoresStoreFile`.
 */
export async function assertCompatible(
  files: FileSystem,
  dataDir: string,
  { allowNetwork, restoresStoreFile }: CompatibilityRules,
): Promise<void> {
  assertFolder(files, dataDir);
  await assertLocalDisk(files, dataDir, allowNetwork);
  const found = classifyFolder(files, dataDir);
  if (found.what === 'store') assertFormat(files.readText(join(dataDir, layout.store)) ?? '');
  if (found.what === 'legacy') {
    throw new StartError(
      `The folder ${dataDir} holds entity files but no ${layout.store}, so another server wrote them; a start of this server adopts them.`,
    );
  }
  if (found.what === 'unnamed' && !restoresStoreFile) {
    const what = `the file is missing beside ${found.beside}`;
    throw new DamageError({ file: layout.store }, what, undefined, nameRemedy);
  }
  if (found.what === 'foreign') {
    throw new StartError(
      `The folder ${dataDir} holds ${found.file} and no store of this server: set DATA_DIR to a folder that is empty or does not exist, or move away what is in this one.`,
    );
  }
}

/** Throws StartError when the folder lies, or would lie, on a network file system and that is not allowed. */
export async function assertLocalDisk(
  files: FileSystem,
  dataDir: string,
  allowNetwork: boolean,
): Promise<void> {
  const { network } = await files.volume(nearestExisting(files, dataDir));
  if (network === undefined || allowNetwork) return;
  throw new StartError(
    `The data folder ${dataDir} lies on a ${network} file system, where locks and syncs cannot be trusted; choose a local disk.`,
  );
}

function assertFormat(text: string): void {
  let found: z.infer<typeof storeFileSchema>;
  try {
    found = storeFileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new DamageError({ file: layout.store }, 'it does not say which format the folder has', error);
  }
  if (found.format === format) return;
  throw new StartError(
    `The data folder has format ${found.format}, this version knows format ${format}; start it with the version that wrote it.`,
  );
}
