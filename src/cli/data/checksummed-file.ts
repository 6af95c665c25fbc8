import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createNodeFileSystem } from '../../storage/json/disk/node-file-system.ts';
import { CommandError } from '../command/command.ts';

/** The line that ends a sealed file: the SHA-256 of everything before it. */
const sealLength = '{"sha256":""}\n'.length + 64;

const sealOf = (hash: Hash) => `{"sha256":"${hash.digest('hex')}"}\n`;

/** Whether a line is a seal. */
export function isSeal(line: string): boolean {
  return line.startsWith('{"sha256":');
}

/**
 * Writes the parts as they come into a file for the owner alone, and the seal behind them; there is nothing new under
 * the name before all of it is on the disk. Throws CommandError when it cannot be written, and what the parts throw.
 */
export async function writeSealed(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  try {
    const file = await open(draft, 'w', 0o600).catch((error) => {
      throw new CommandError(`${path} cannot be written: ${error.message}`, error);
    });
    const hash = createHash('sha256');
    try {
      for await (const part of parts) {
        hash.update(part);
        await file.appendFile(part);
      }
      await file.appendFile(sealOf(hash));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await createNodeFileSystem().syncFolder(dirname(path));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Reads the file once to see that its seal is right. Throws CommandError when not: it is damaged, or none. */
export async function assertSealed(path: string): Promise<void> {
  const hash = createHash('sha256');
  let tail: Uint8Array = new Uint8Array();
  for await (const part of sealedBytes(path)) {
    const bytes = Buffer.concat([tail, part]);
    const end = Math.max(0, bytes.length - sealLength);
    hash.update(bytes.subarray(0, end));
    tail = bytes.subarray(end);
  }
  if (Buffer.from(tail).toString('latin1') === sealOf(hash)) return;
  throw new CommandError(
    `${path} is damaged, or no backup: it does not end with the checksum of what is in it.`,
  );
}

/** The bytes of the file. Throws CommandError when it cannot be read. */
export async function* sealedBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 });
  } catch (error) {
    throw new CommandError(
      `${path} cannot be read: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}
