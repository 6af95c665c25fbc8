import { join } from 'node:path';

/** Where in the data folder a running server says at which URL it is. */
export function serverUrlFile(dataDir: string): string {
  return join(dataDir, 'server-url');
}

/** The part of the data folder that holds the secret and the admin token. */
export function authFolder(dataDir: string): string {
  return join(dataDir, 'auth');
}

/** Where in the data folder the token of the first admin is. */
export function adminTokenFile(dataDir: string): string {
  return join(authFolder(dataDir), 'admin-token');
}
