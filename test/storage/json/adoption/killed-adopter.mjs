// Starts a store in the folder that is named, which another server left, and stops it. Kills itself before, during or after
// the change to the disk that has the number it is told; else it says each on its standard output. Runs as a process of
// its own, from the built program.
import { openOrAdoptStore } from '../../../../dist/storage/json/adoption/adopt-folder.js';
import { createNodeFileSystem } from '../../../../dist/storage/json/disk/node-file-system.js';
import { injectKills } from '../crash/kill/kill-injection.mjs';

const [dataDir, number, moment] = process.argv.slice(2);
let changes = 0;
const files = injectKills(createNodeFileSystem(), (call, path) => {
  if (number === undefined) process.stdout.write(`${call} ${path}\n`);
  return ++changes === Number(number) ? moment : undefined;
});
const store = await openOrAdoptStore({ dataDir, files });
await store.close();
