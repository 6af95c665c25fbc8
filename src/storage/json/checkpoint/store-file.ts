import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { StartError } from '../../../domain/start-error.ts';
import { DamageError } from '../disk/damage-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import { layout } from '../folder/store-layout.ts';
import { hasEntityFiles } from './entity-files.ts';

const format = 1;
const storeFileSchema = z.object({ format: z.int(), storeId: z.string().min(1) });

/** The text of the file that says that a folder holds a new store of this format. */
export function encodeNewStoreFile(): string {
  return `${JSON.stringify({ format, storeId: randomUUID() })}\n`;
}

/** Throws StartError, having changed nothing, unless the folder is a store of this format or may become one. */
export async function assertCompatible(
  files: FileSystem,
  dataDir: string,
  allowNetwork: boolean,
): Promise<void> {
  await assertLocalDisk(files, dataDir, allowNetwork);
  const text = files.readText(join(dataDir, layout.store));
  if (text !== undefined) assertFormat(text);
  else if (hasEntityFiles(files, dataDir)) {
    throw new StartError(
      `The folder ${dataDir} holds entity files but no ${layout.store}, so another server wrote them; a start of this server adopts them.`,
    );
  } else if (files.stat(join(dataDir, layout.checkpoint)) !== undefined) {
    throw new DamageError({ file: layout.store }, 'the file is missing beside a checkpoint');
  }
}

/** Throws StartError when the folder lies, or would lie, on a network file system and that is not allowed. */
export async function assertLocalDisk(
  files: FileSystem,
  dataDir: string,
  allowNetwork: boolean,
): Promise<void> {
  let folder = dataDir;
  while (files.stat(folder) === undefined && folder !== dirname(folder)) folder = dirname(folder);
  const { network } = await files.volume(folder);
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
