import { once } from 'node:events';
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** With fewer files a thread takes longer to begin than the work. */
const minFilesForWorker = 5_000;

/** The same as `look` below, as text: the thread has no loader for the language that this is written in. */
const workerSource = `
const { parentPort, workerData } = require('node:worker_threads');
const { statSync } = require('node:fs');
const stats = new Float64Array(workerData.length * 2).fill(-1);
for (let i = 0; i < workerData.length; i++) {
  const found = statSync(workerData[i], { throwIfNoEntry: false });
  if (found !== undefined) stats.set([found.size, found.mtimeMs], 2 * i);
}
parentPort.postMessage(stats, [stats.buffer]);
`;

/** How large each of the files is and when it was touched, -1 twice where there is none; many are seen to by a thread. */
export async function statAll(paths: readonly string[]): Promise<Float64Array> {
  if (paths.length < minFilesForWorker) return statInline(paths);
  try {
    const worker = new Worker(workerSource, { eval: true, execArgv: [], workerData: paths });
    const [stats] = await once(worker, 'message');
    return stats;
  } catch {
    // Whatever is wrong with a file is told here.
    return statInline(paths);
  }
}

function statInline(paths: readonly string[]): Float64Array {
  const stats = new Float64Array(paths.length * 2).fill(-1);
  for (const [i, path] of paths.entries()) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined) stats.set([found.size, found.mtimeMs], 2 * i);
  }
  return stats;
}
