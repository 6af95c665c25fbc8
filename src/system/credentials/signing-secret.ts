import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { StartError } from '../../domain/start-error.ts';
import { closeToOthers, makePrivateFolder, readText, writePrivate } from '../machine/private-file.ts';

const leastBytes = 32;

/** Where the secret may come from: itself, a file that the operator names, or the folder for what we make. */
export interface SecretSource {
  readonly secret: string | undefined;
  readonly file: string | undefined;
  readonly folder: string;
}

/**
 * What tokens are signed with. The one in the folder is made when there is none; the folder and what lies in it are
 * closed to others, and `warn` hears when they were not. Throws StartError for a secret that cannot be used.
 */
export async function loadSecret(source: SecretSource, warn: (message: string) => void): Promise<KeyObject> {
  const { secret, file, folder } = source;
  if (secret !== undefined) return keyOf(secret, 'AUTH_SECRET');
  if (file !== undefined) return keyOf(await textOf(file), `AUTH_SECRET_FILE, ${file},`);
  await makePrivateFolder(folder);
  const path = join(folder, 'secret');
  const made = await readText(path);
  if (made === undefined) await writePrivate(path, `${randomBytes(leastBytes).toString('base64url')}\n`);
  for (const place of [folder, path]) {
    if (await closeToOthers(place))
      warn(`${place} was open to other users of this machine and is no longer.`);
  }
  return keyOf((await readText(path)) ?? '', path);
}

async function textOf(file: string): Promise<string> {
  try {
    const text = await readText(file);
    if (text !== undefined) return text;
  } catch (error) {
    throw new StartError(`AUTH_SECRET_FILE names ${file}, which cannot be read.`, error);
  }
  throw new StartError(`AUTH_SECRET_FILE names ${file}, which does not exist.`);
}

function keyOf(secret: string, name: string): KeyObject {
  const bytes = Buffer.from(secret);
  if (bytes.length >= leastBytes) return createSecretKey(bytes);
  throw new StartError(
    `${name} holds ${bytes.length} bytes; what tokens are signed with needs ${leastBytes} or more.`,
  );
}
