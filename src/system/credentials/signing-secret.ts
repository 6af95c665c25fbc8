import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { StartError } from '../../domain/start-error.ts';
import {
  makePrivateFolder,
  readTextFile,
  removeOthersPermissions,
  writePrivateFile,
} from '../machine/private-file.ts';

const minBytes = 32;

/** Where the secret comes from, in this order: the secret itself, a file of the operator, or the folder of the server. */
export interface SecretSource {
  readonly secret: string | undefined;
  readonly file: string | undefined;
  readonly folder: string;
}

/**
 * The key that signs tokens. A missing secret is made in the folder. Permissions of other users on the folder and the
 * secret are removed, with a warning. Throws StartError for a secret that cannot be used.
 */
export async function loadSigningSecret(
  source: SecretSource,
  warn: (message: string) => void,
): Promise<KeyObject> {
  const { secret, file, folder } = source;
  if (secret !== undefined) return createKey(secret, 'AUTH_SECRET');
  if (file !== undefined) return createKey(await readSecretFile(file), `AUTH_SECRET_FILE, ${file},`);
  await makePrivateFolder(folder);
  const path = join(folder, 'secret');
  const existing = await readTextFile(path);
  if (existing === undefined)
    await writePrivateFile(path, `${randomBytes(minBytes).toString('base64url')}\n`);
  for (const privatePath of [folder, path]) {
    if (await removeOthersPermissions(privatePath))
      warn(`${privatePath} was open to other users of this machine and is no longer.`);
  }
  return createKey((await readTextFile(path)) ?? '', path);
}

async function readSecretFile(file: string): Promise<string> {
  try {
    const text = await readTextFile(file);
    if (text !== undefined) return text;
  } catch (error) {
    throw new StartError(`AUTH_SECRET_FILE names ${file}, which cannot be read.`, error);
  }
  throw new StartError(`AUTH_SECRET_FILE names ${file}, which does not exist.`);
}

function createKey(secret: string, name: string): KeyObject {
  const bytes = Buffer.from(secret);
  if (bytes.length >= minBytes) return createSecretKey(bytes);
  throw new StartError(
    `${name} holds ${bytes.length} bytes; the secret that signs tokens needs ${minBytes} or more.`,
  );
}
