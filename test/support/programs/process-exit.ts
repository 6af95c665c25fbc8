import { setTimeout } from 'node:timers/promises';

/** Resolves when there is no such process any more. */
export async function waitForProcessExit(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await setTimeout(10);
  }
}
