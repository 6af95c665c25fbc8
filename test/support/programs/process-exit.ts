import { setTimeout } from 'node:timers/promises';
import { identifyProcess } from '../../../src/system/agents/process-identity.ts';

/** Resolves when no such process runs any more. */
export async function waitForProcessExit(pid: number): Promise<void> {
  while (identifyProcess(pid) !== undefined) await setTimeout(10);
}
