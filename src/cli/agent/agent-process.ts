import { spawn } from 'node:child_process';

/** A program with its arguments, run without a shell. */
export interface AgentProgram {
  readonly program: string;
  readonly args: readonly string[];
}

/** How a run ended, in words for the one who reads why; undefined when all went well. */
export type RunError = string | undefined;

/** Runs the program to its end. When the signal ends it is told to terminate; it does not outlive this process. */
export function runProgram(
  { program, args }: AgentProgram,
  env: Readonly<Record<string, string>>,
  cwd: string,
  signal: AbortSignal,
): Promise<RunError> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
    const end = () => child.kill('SIGTERM');
    process.once('exit', end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const finish = (fault: RunError) => {
      process.off('exit', end);
      signal.removeEventListener('abort', end);
      resolve(fault);
    };
    child.on('error', (error) => finish(`${program} could not be run: ${error.message}`));
    child.on('close', (code, killedBy) =>
      finish(code === 0 ? undefined : killedBy === null ? `exit code ${code}` : `ended by ${killedBy}`),
    );
  });
}
