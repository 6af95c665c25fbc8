// start-once.mjs store|file PATH: how long a process needs until it has everything, in milliseconds, told to its parent.
import { readFileSync } from 'node:fs';
import { createNodeFileSystem } from '../../../dist/storage/json/disk/node-file-system.js';
import { openJsonStore } from '../../../dist/storage/json/open-json-store.js';

const [what, path] = process.argv.slice(2);
const start = performance.now();
const all =
  what === 'store'
    ? await openJsonStore({ dataDir: path, files: createNodeFileSystem(), closeTimeoutMs: 3_600_000 })
    : JSON.parse(readFileSync(path, 'utf8'));
process.stdout.write(`${performance.now() - start}\n`);
await all.close?.();
