import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new empty folder that is gone when the test has finished, and with it what was put beside it. */
export async function createTempFolder(): Promise<string> {
  const around = await mkdtemp(join(tmpdir(), 'maestro-'));
  onTestFinished(() => rm(around, { recursive: true, force: true }));
  const folder = join(around, 'folder');
  await mkdir(folder, { mode: 0o700 });
  return folder;
}
