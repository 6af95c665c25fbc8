import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Holder } from './file-system.ts';

/** This process, as far as the platform tells. */
export function thisProcess(): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    bootId: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
    processStart: startOf(process.pid),
  };
}

/** Whether the process runs; undefined when it is, or was, none of this machine as this process sees it. */
export function isRunning(holder: Holder): boolean | undefined {
  const here = thisProcess();
  const isHere =
    holder.host === here.host && holder.bootId === here.bootId && holder.pidNamespace === here.pidNamespace;
  if (!isHere) return undefined;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // Without the right to signal it, it runs.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return !hasEnded(holder.pid) && startOf(holder.pid) === holder.processStart;
}

/** When a process began, in the clock of the machine. */
function startOf(pid: number): string {
  return statOf(pid)[19] ?? '';
}

/** Whether a process is only there until somebody asks how it ended. */
function hasEnded(pid: number): boolean {
  return statOf(pid)[0] === 'Z';
}

/** The fields of a process's stat behind its name in brackets, which may hold anything. */
function statOf(pid: number): string[] {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    // Not Linux, or not for this process to see.
    return '';
  }
}
