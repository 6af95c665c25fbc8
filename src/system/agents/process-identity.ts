import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { systemErrorCode } from '../../domain/values/system-error.ts';

/** A process, told apart from a later one that has the same number by the time of its start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the form that this system gives it; only good to be compared. */
  readonly startedAt: string;
}

/** The process that has this number now; undefined when there is none. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether the process still runs, and is the same one. */
export function isSameProcess({ pid, startedAt }: ProcessIdentity): boolean {
  return identifyProcess(pid)?.startedAt === startedAt;
}

/** Whether any process of the group runs; one that has ended and was not waited for does not. */
export function isGroupRunning(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
  } catch (error) {
    // Processes of another user run, and are nothing that we can end.
    if (systemErrorCode(error) !== 'EPERM') return false;
  }
  if (process.platform !== 'linux') return true;
  // Where nobody waits for orphans, as in many containers, the signal finds them for ever.
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => readStat(pid)?.groupId === groupId);
}

/** What Linux says of a process that runs. */
function readStat(pid: number | string): { readonly groupId: number; readonly ticks: string } | undefined {
  try {
    // The name of the program comes in parentheses, and may hold spaces and parentheses of its own.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state = 'X', , groupId] = fields;
    return state === 'Z' || state === 'X' ? undefined : { groupId: Number(groupId), ticks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function startTimeFromProc(pid: number): string | undefined {
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  // The time is counted from the boot.
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${stat.ticks}`;
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const args = ['-o', 'lstart=', '-p', `${pid}`];
    const options = {
      encoding: 'utf8',
      env: { LC_ALL: 'C' },
      stdio: 'pipe',
    } as const;
    return execFileSync('/bin/ps', args, options).trim() || undefined;
  } catch {
    return undefined;
  }
}
