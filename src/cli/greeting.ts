import type { Config } from '../config/config.ts';
import { adminTokenFile } from '../system/machine/data-folder.ts';

/** The message for a person when the server is ready: its URL and what to do next, never the token itself. */
export function greeting({ AUTH, DATA_DIR }: Config, url: string, version: string): string {
  const open = [`  access  open to everyone on this machine (AUTH=off)`, `  try     curl ${url}/api/whoami`];
  const guarded = [
    `  access  by token; that of an admin is in ${adminTokenFile(DATA_DIR)}`,
    `  try     export MAESTRO_TOKEN=$(cat ${quoteForShell(adminTokenFile(DATA_DIR))})`,
    `          curl -H "Authorization: Bearer $MAESTRO_TOKEN" ${url}/api/whoami`,
  ];
  return [
    `maestro-server ${version} is ready at ${url}`,
    `  data    ${DATA_DIR}`,
    ...(AUTH === 'off' ? open : guarded),
    `  next    maestro-server help; the reference is at ${url}/docs`,
    '',
  ].join('\n');
}

function quoteForShell(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
