import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createActorStoreFactory } from '../../application/access/actor-store.ts';
import { callBy } from '../../application/access/call.ts';
import type { Store } from '../../application/store/store.ts';
import { type BackupLine, parseBackupLine } from '../../application/transfer/backup-lines.ts';
import { LineError } from '../../application/transfer/line-object.ts';
import { WorkspaceBackup } from '../../application/transfer/workspace-backup.ts';
import { readConfig } from '../../config/config.ts';
import { createNodeFileSystem } from '../../storage/json/disk/node-file-system.ts';
import {
  assertEmptyFolder,
  type RestoreRecord,
  restoreFolder,
} from '../../storage/json/restore/restore-folder.ts';
import { CommandError, command } from '../command/command.ts';
import { Progress } from '../command/progress.ts';
import { withFlags } from '../command/setting-flags.ts';
import { assertChecksum, isChecksumLine, readFileBytes } from './checksummed-file.ts';
import { readLines } from './input-lines.ts';

/** Makes a data folder of a backup. */
export const restoreCommand = command({
  name: 'restore',
  sentence: 'Makes an empty data folder hold what a backup holds, once all of that is known to be whole.',
  operands: ['FILE'],
  flags: { 'data-dir': { type: 'string', value: 'DATA_DIR', sentence: 'The data folder to make.' } },
  async run({ flags, operands: [file = ''] }, context) {
    const { environment, cwd, home, printDiagnostic } = context;
    const config = readConfig(withFlags(environment(), { 'data-dir': flags['data-dir'] }), cwd, home);
    const { DATA_DIR: dataDir, STORE_ALLOW_NETWORK_FS: allowNetwork } = config;
    if (config.DATABASE_TYPE === 'postgres') {
      throw new CommandError(
        'restore makes a data folder, and everything is in PostgreSQL here: what pg_dump wrote comes back with pg_restore; a backup is restored with DATABASE_TYPE=filesystem, and "copy" takes that into a database. See docs/backup.md.',
      );
    }
    const options = { files: createNodeFileSystem(), dataDir, allowNetwork };
    const path = resolve(cwd, file);
    assertEmptyFolder(options);
    const progress = new Progress(context);
    const told = await check(path, progress);
    try {
      progress.start('Restoring', told.lines, 'lines');
      await restoreFolder(
        options,
        progress.follow(readRecords(path), () => 1),
        (store) => assertSameContent(store, told, progress),
      );
    } finally {
      progress.end();
    }
    printDiagnostic(
      `Restored ${told.lines} lines into ${dataDir}. Every stream has a new epoch, and tokens given out before are good only with the same secret.\n`,
    );
    return 0;
  },
});

/** The digest of a file that holds a whole backup. Throws CommandError for any other. */
async function check(path: string, progress: Progress): Promise<Digest> {
  try {
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    const follow = (bytes: AsyncIterable<Uint8Array>) => progress.follow(bytes, (part) => part.length);
    progress.start('Checking', 2 * size, 'bytes');
    await assertChecksum(path, follow(readFileBytes(path)));
    return { ...(await computeDigest(readBackupLines(path, follow(readFileBytes(path))))), bytes: size };
  } finally {
    progress.end();
  }
}

interface Digest {
  readonly bytes: number;
  readonly lines: number;
  readonly sum: string;
}

/** Every line of the backup but its seal, read twice over: first to know that it is whole. Throws CommandError. */
async function* readBackupLines(
  path: string,
  bytes: AsyncIterable<Uint8Array> = readFileBytes(path),
): AsyncGenerator<BackupLine> {
  let count = 0;
  for await (const { number, text = '' } of readLines(bytes)) {
    if (isChecksumLine(text)) break;
    const line = parseLine(text, number, path);
    count += 1;
    if ('end' in line && line.lines !== count) break;
    yield line;
    if ('end' in line) return;
  }
  throw new CommandError(`Nothing was restored: ${path} does not hold all of its lines.`);
}

function parseLine(text: string, number: number, path: string): BackupLine {
  try {
    return parseBackupLine(text, number === 1);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    throw new CommandError(`Nothing was restored: ${path}, line ${number}: ${error.message}.`, error);
  }
}

async function* readRecords(path: string): AsyncGenerator<RestoreRecord> {
  // What is read of a line was checked by the schema of its sort.
  for await (const line of readBackupLines(path))
    if (!('format' in line || 'end' in line)) yield line as RestoreRecord;
}

async function computeDigest(lines: AsyncIterable<BackupLine>): Promise<Omit<Digest, 'bytes'>> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const line of lines) {
    hash.update(`${JSON.stringify(line)}\n`);
    count += 1;
  }
  return { lines: count, sum: hash.digest('hex') };
}

/** Backs up what was restored, and compares. Throws CommandError when it is not the same. */
async function assertSameContent(store: Store, told: Digest, progress: Progress): Promise<void> {
  const call = callBy({ id: 'restore', role: 'admin', projects: '*' });
  const hash = createHash('sha256');
  progress.start('Comparing', told.bytes, 'bytes');
  const parts = new WorkspaceBackup(createActorStoreFactory(store)).lines(call);
  for await (const part of progress.follow(parts, (text) => Buffer.byteLength(text))) hash.update(part);
  if (hash.digest('hex') === told.sum) return;
  throw new CommandError('Nothing was restored: what was read back is not the same as the backup.');
}
