import { setTimeout } from 'node:timers/promises';
import { isGroupRunning } from './process-identity.ts';

const pollMs = 50;

/** Sends a signal to every process of the group that this process leads; to none when the group has ended. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has no processes left.
  }
}

/**
 * Ends every process of the group: SIGTERM, and SIGKILL for what is left after `graceMs` milliseconds. Resolves when
 * none is left, or SIGKILL was sent.
 */
export async function endGroup(pid: number, graceMs: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  for (const end = performance.now() + graceMs; isGroupRunning(pid); ) {
    if (performance.now() >= end) return signalGroup(pid, 'SIGKILL');
    await setTimeout(pollMs);
  }
}
