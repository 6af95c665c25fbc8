import { type ChildProcess, spawn } from 'node:child_process';
import { signalGroup } from './process-group.ts';

/** How long after the exit of a process the rest of its output is waited for. */
const outputGraceMs = 1000;

/** A program to run, and the limits of its run. */
export interface BoundedProcess {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly timeoutMs: number;
  /** For standard output and standard error together. */
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
}

/** How the process ended: by itself, not started at all, or killed for exceeding a limit or by the signal. */
export type ProcessResult =
  | { readonly kind: 'exited'; readonly code: number | null; readonly output: string }
  | { readonly kind: 'not-started'; readonly error: Error }
  | { readonly kind: KillReason };

type KillReason = 'timed-out' | 'too-much-output' | 'aborted';

/**
 * Runs a program without a shell. When it exceeds a limit or the signal aborts, it is killed together with every
 * process of its group. Never rejects: the result says how the process ended.
 */
export function runBounded(command: BoundedProcess): Promise<ProcessResult> {
  const { program, args, env, cwd, timeoutMs, maxOutputBytes, signal } = command;
  if (signal.aborted) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    // Detached processes lead a group of their own, so that their children can be killed with them.
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let killed: ProcessResult | undefined;
    let bytes = 0;
    const output: Buffer[] = [];
    const kill = (kind: KillReason) => {
      killed ??= { kind };
      killGroup(child);
    };
    const timer = setTimeout(() => kill('timed-out'), timeoutMs);
    const abort = () => kill('aborted');
    signal.addEventListener('abort', abort, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxOutputBytes) kill('too-much-output');
        else output.push(chunk);
      });
    }
    let graceTimer: NodeJS.Timeout | undefined;
    const finish = (result: ProcessResult) => {
      clearTimeout(timer);
      clearTimeout(graceTimer);
      signal.removeEventListener('abort', abort);
      resolve(killed ?? result);
    };
    child.on('error', (error) => finish({ kind: 'not-started', error }));
    child.on('exit', () => {
      // Children in the group are killed too; one that left the group could keep the pipes open for ever.
      killGroup(child);
      graceTimer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, outputGraceMs);
    });
    child.on('close', (code) =>
      finish({ kind: 'exited', code, output: Buffer.concat(output).toString('utf8') }),
    );
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) signalGroup(pid, 'SIGKILL');
}
