import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { kinds } from '../../../application/store/collections.ts';
import type { Store } from '../../../application/store/store.ts';
import { classifyFolder } from '../checkpoint/folder-contents.ts';
import { assertLocalDisk } from '../checkpoint/store-file.ts';
import { copyFile, copyFolder, safetyCopyPath } from '../disk/copy-folder.ts';
import type { FileSystem } from '../disk/file-system.ts';
import { assertFolder, toFolderError } from '../disk/unusable-folder-error.ts';
import { acquireFolder } from '../folder/folder-lock.ts';
import { layout } from '../folder/store-layout.ts';
import { defaultOptions, type JsonStoreOptions, type ResolvedOptions } from '../json-store-options.ts';
import { openJsonStore } from '../open-json-store.ts';
import { restoreFolder } from '../restore/restore-folder.ts';
import { adoptRecords } from './adopt-records.ts';
import { readLegacyFolder } from './legacy-folder.ts';
import { parseObject } from './legacy-value.ts';

/** What is noted once an adoption has begun: the name of the copy beside the folder. */
const noteSchema = z.object({ copy: z.string().regex(/^[^/]+\.before-[0-9TZ]+$/) });

/** Whether another server left the folder, or its adoption is not done yet. */
export function needsAdoption(files: FileSystem, dataDir: string): boolean {
  return classifyFolder(files, dataDir).what === 'legacy';
}

/** As openJsonStore, once the folder is adopted when another server left it. Throws what that throws. */
export async function openOrAdoptStore(options: JsonStoreOptions): Promise<Store> {
  const complete: ResolvedOptions = { ...defaultOptions, ...options };
  const { files, dataDir, allowNetwork } = complete;
  try {
    assertFolder(files, dataDir);
    if (needsAdoption(files, dataDir)) {
      await assertLocalDisk(files, dataDir, allowNetwork);
      await adoptFolder(complete);
    }
  } catch (error) {
    throw toFolderError(error, dataDir);
  }
  const store = await openJsonStore(options);
  // Left by a process that ended when everything was in its place.
  for (const name of [layout.adoption, layout.adopted]) await files.remove(`${dataDir}/${name}`);
  return store;
}

/**
 * Makes a store of a folder that another server left, once it is copied. Whatever becomes of this process: the folder
 * is as it was until all of the store is made, and from then on a start puts what is made in its place. Throws
 * FolderInUseError while another process is at it, and what the disk says.
 */
async function adoptFolder(options: ResolvedOptions): Promise<void> {
  const { files, dataDir, now } = options;
  // Before the folder is taken: what only stores have would be the sign of a store otherwise.
  const note = JSON.stringify({ copy: basename(safetyCopyPath(dataDir, now())) });
  await files.createExclusive(`${dataDir}/${layout.adoption}`, note);
  await files.syncFolder(dataDir);
  const ownership = await acquireFolder(options, () => {});
  try {
    // Somebody may have been at it before.
    if (!needsAdoption(files, dataDir)) return;
    const isConverted = files.stat(`${dataDir}/${layout.adopted}/${layout.store}`) !== undefined;
    if (!isConverted) await convertFolder(options);
    ownership.fence.assertOwned();
    await moveIntoPlace(files, dataDir);
  } finally {
    await ownership.release();
  }
}

/** Where the one copy of the folder is put, by every try to adopt it. */
async function notedCopyPath({ files, dataDir, now }: ResolvedOptions): Promise<string> {
  const path = `${dataDir}/${layout.adoption}`;
  const found = noteSchema.safeParse(parseObject(files.readText(path)));
  if (found.success) return `${dirname(dataDir)}/${found.data.copy}`;
  // Whoever made the note died at it.
  const copy = safetyCopyPath(dataDir, now());
  await files.replace(path, JSON.stringify({ copy: basename(copy) }), () => {});
  return copy;
}

async function convertFolder(options: ResolvedOptions): Promise<void> {
  const { files, dataDir, now, log } = options;
  const copy = await notedCopyPath(options);
  await removePartialCopies(files, dataDir);
  // The folder is as it was, and may have been used since an earlier try.
  await files.remove(copy);
  await copyFolder(files, dataDir, copy, [layout.lock, layout.adoption, `${layout.adopted}.restoring`]);
  const old = readLegacyFolder(files, dataDir);
  const { records, remarks } = adoptRecords(old);
  const quarantined = [...old.quarantined].map(([file, why]) => ({ file, why }));
  const report = { adoptedAt: new Date(now()).toISOString(), copy, quarantined, remarks };
  async function* each() {
    yield* records;
  }
  await restoreFolder({ ...options, dataDir: `${dataDir}/${layout.adopted}` }, each(), async (_, draft) => {
    for (const { file } of quarantined) {
      await files.makeFolder(dirname(`${draft}/quarantine/${file}`));
      await copyFile(files, `${dataDir}/${file}`, `${draft}/quarantine/${file}`);
    }
    // Each takes the place of the other server's, also when it is empty.
    for (const kind of kinds) await files.makeFolder(`${draft}/${kind}`);
    await files.replace(`${draft}/adoption.json`, `${JSON.stringify(report, null, 2)}\n`, () => {});
  });
  log('warn', 'The folder of another server was adopted; adoption.json in it tells what was changed.', {
    copy,
    records: records.length,
    quarantined: quarantined.map(({ file }) => file),
    remarks: remarks.length,
  });
}

/** What copies that broke off have left. */
async function removePartialCopies(files: FileSystem, dataDir: string): Promise<void> {
  const beside = dirname(dataDir);
  const begin = `${basename(dataDir)}.before-`;
  for (const { name } of files.list(beside)) {
    if (name.startsWith(begin) && name.endsWith('.partial')) await files.remove(`${beside}/${name}`);
  }
}

/** Each part takes its place as a whole, the file that makes it a store last; what is there before goes. */
async function moveIntoPlace(files: FileSystem, dataDir: string): Promise<void> {
  const made = `${dataDir}/${layout.adopted}`;
  const names = files.list(made).map(({ name }) => name);
  const rest = names.filter((name) => name !== layout.store);
  for (const name of rest) {
    await files.remove(`${dataDir}/${name}`);
    await files.move(`${made}/${name}`, `${dataDir}/${name}`);
  }
  await files.syncFolder(dataDir);
  await files.move(`${made}/${layout.store}`, `${dataDir}/${layout.store}`);
  await files.syncFolder(dataDir);
  await files.remove(made);
  await files.remove(`${dataDir}/${layout.adoption}`);
}
