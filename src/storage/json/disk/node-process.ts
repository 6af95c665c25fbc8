import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemErrorCode } from '../../../domain/values/system-error.ts';
import type { LockHolder } from './file-system.ts';

/** This process, as far as the platform tells. */
export function currentProcess(): LockHolder {
  return {
    pid: process.pid,
    host: hostname(),
    bootId: readOrEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: readOrEmpty(() => readlinkSync('/proc/self/ns/pid')),
    processStart: readStartTime(process.pid),
  };
}

/** Whether the process runs; undefined when it is, or was, none of this machine as this process sees it. */
export function isRunning(holder: LockHolder): boolean | undefined {
  const here = currentProcess();
  const isHere =
    holder.host === here.host && holder.bootId === here.bootId && holder.pidNamespace === here.pidNamespace;
  if (!isHere) return undefined;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // Without the right to signal it, it runs.
    if (systemErrorCode(error) !== 'EPERM') return false;
  }
  return !isZombie(holder.pid) && readStartTime(holder.pid) === holder.processStart;
}

/** When a process began, in the clock of the machine. */
function readStartTime(pid: number): string {
  return readProcessStat(pid)[19] ?? '';
}

/** Whether a process is only there until somebody asks how it ended. */
function isZombie(pid: number): boolean {
  return readProcessStat(pid)[0] === 'Z';
}

/** The fields of a process's stat behind its name in brackets, which may hold anything. */
function readProcessStat(pid: number): string[] {
  const stat = readOrEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    // Not Linux, or not for this process to see.
    return '';
  }
}
