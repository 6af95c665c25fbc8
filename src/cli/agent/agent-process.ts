import { type ChildProcess, spawn } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { systemErrorCode } from '../../domain/values/system-error.ts';
import { endGroup, signalGroup } from '../../system/agents/process-group.ts';

/** A program with its arguments, run without a shell. */
export interface AgentProgram {
  readonly program: string;
  readonly args: readonly string[];
}

/** How a program is run for one task. */
export interface ProgramRun {
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Ends the program with all processes of its group. */
  readonly signal: AbortSignal;
  /** How long after SIGTERM what is left gets SIGKILL, in milliseconds. */
  readonly graceMs: number;
  /** Where its standard output goes: to that of this process, or to its standard error. */
  readonly output: 'stdout' | 'stderr';
  /** Receives the number of the process as soon as there is one, and undefined once it has ended. */
  readonly onProcess: (pid: number | undefined) => void;
}

/** How a run ended, in words for the one who reads why; undefined when all went well. */
export type RunError = string | undefined;

/**
 * Runs the program to its end, and returns what went wrong; it never throws. The program leads a process group. It does
 * not outlive this process, unless that is killed.
 */
export async function runProgram(command: AgentProgram, run: ProgramRun): Promise<RunError> {
  const fault = await findFault(run);
  if (fault !== undefined) return fault;
  let child: ChildProcess;
  try {
    child = startProgram(command, run);
  } catch (error) {
    return startFault(command, error);
  }
  const { pid } = child;
  if (pid === undefined) {
    const error = await new Promise((resolve) => child.once('error', resolve));
    return (await findFault(run)) ?? startFault(command, error);
  }
  return waitForEnd(child, pid, run);
}

function startProgram({ program, args }: AgentProgram, { env, cwd, output }: ProgramRun): ChildProcess {
  const stdio = ['ignore', output === 'stdout' ? 'inherit' : 2, 'inherit'] as const;
  return spawn(program, args, { cwd, env, stdio: [...stdio], detached: true });
}

async function waitForEnd(child: ChildProcess, pid: number, run: ProgramRun): Promise<RunError> {
  run.onProcess(pid);
  const kill = () => signalGroup(pid, 'SIGKILL');
  process.once('exit', kill);
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= endGroup(pid, run.graceMs);
  };
  run.signal.addEventListener('abort', end, { once: true });
  if (run.signal.aborted) end();
  const fault = await new Promise<RunError>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? undefined : signal === null ? `exit code ${code}` : `ended by ${signal}`),
    );
  });
  await ending;
  run.signal.removeEventListener('abort', end);
  process.off('exit', kill);
  run.onProcess(undefined);
  return fault;
}

/** What keeps any program from being started so; undefined when nothing is known to. */
async function findFault({ cwd, env }: ProgramRun): Promise<RunError> {
  const [variable] = Object.entries(env).find(([, value]) => value.includes('\0')) ?? [];
  if (variable !== undefined) return `${variable} has a NUL character, which no program can be given`;
  const folder = `the working folder ${cwd.length > 200 ? `${cwd.slice(0, 200)}…` : cwd}`;
  try {
    if (!(await stat(cwd)).isDirectory()) return `${folder} is not a folder`;
    await access(cwd, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown';
    return `${folder} ${folderFaults[code] ?? `cannot be used (${code})`}`;
  }
}

const folderFaults: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is a file',
  ENAMETOOLONG: 'has a name that is too long',
  EACCES: 'may not be entered by the agent',
  ELOOP: 'is a link that leads to itself',
  ERR_INVALID_ARG_VALUE: 'has a NUL character in its name',
};

const startFaults: Readonly<Record<string, string>> = {
  ENOENT: 'was not found, or the interpreter that it names was not',
  EACCES: 'may not be executed',
  ENOEXEC: 'is not a program that this machine can run',
  E2BIG: 'was not started: its environment and arguments are too long for this machine',
  EAGAIN: 'was not started: this machine allows no more processes',
  ENOMEM: 'was not started: this machine has no memory for it',
};

function startFault({ program }: AgentProgram, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `the program ${program} ${startFaults[systemErrorCode(error) ?? ''] ?? `could not be started: ${message}`}`;
}
