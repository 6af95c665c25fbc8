// Loaded into a server that is measured: counts its data syncs and writes the count to SYNC_COUNT_FILE on SIGUSR2.
import { renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

const file = process.env.SYNC_COUNT_FILE;
const handle = await open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
const { datasync } = prototype;
let count = 0;
prototype.datasync = function () {
  count += 1;
  return datasync.call(this);
};
await handle.close();
process.on('SIGUSR2', () => {
  writeFileSync(`${file}.new`, String(count));
  renameSync(`${file}.new`, file);
});
