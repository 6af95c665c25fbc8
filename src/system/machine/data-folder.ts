import { join } from 'node:path';

/** The file in the data folder that holds the URL of the running server. */
export function serverUrlFile(dataDir: string): string {
  return join(dataDir, 'server-url');
}

/** The folder in the data folder that holds the secret and the admin token. */
export function authFolder(dataDir: string): string {
  return join(dataDir, 'auth');
}

/** The file in the data folder that holds the token of the first admin. */
export function adminTokenFile(dataDir: string): string {
  return join(authFolder(dataDir), 'admin-token');
}
