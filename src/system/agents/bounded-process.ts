import { type ChildProcess, spawn } from 'node:child_process';

/** How long the output of a command that has ended is waited for. */
const lastWordsMs = 1000;

/** A command, and what it may take. */
export interface LimitedCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly milliseconds: number;
  /** Of standard output and error together. */
  readonly outputBytes: number;
  readonly signal: AbortSignal;
}

/** How a command ended: by itself, or because it was ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number | null; readonly said: string }
  | { readonly kind: 'missing'; readonly fault: Error }
  | { readonly kind: 'late' | 'verbose' | 'stopped' };

/** Runs a command without a shell, and kills it with all it has started when it exceeds what it may take. */
export function runLimited(command: LimitedCommand): Promise<CommandEnd> {
  const { program, args, env, cwd, milliseconds, outputBytes, signal } = command;
  if (signal.aborted) return Promise.resolve({ kind: 'stopped' });
  return new Promise((resolve) => {
    // A group of its own, so that what it starts can be killed with it.
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let ended: CommandEnd | undefined;
    let bytes = 0;
    const said: Buffer[] = [];
    const end = (kind: 'late' | 'verbose' | 'stopped') => {
      ended ??= { kind };
      killGroup(child);
    };
    const timer = setTimeout(() => end('late'), milliseconds);
    const stop = () => end('stopped');
    signal.addEventListener('abort', stop, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > outputBytes) end('verbose');
        else said.push(chunk);
      });
    }
    let letGo: NodeJS.Timeout | undefined;
    const finish = (last: CommandEnd) => {
      clearTimeout(timer);
      clearTimeout(letGo);
      signal.removeEventListener('abort', stop);
      resolve(ended ?? last);
    };
    child.on('error', (fault) => finish({ kind: 'missing', fault }));
    child.on('exit', () => {
      // What it left running in its group goes with it; what has left that may hold its output open for ever.
      killGroup(child);
      letGo = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, lastWordsMs);
    });
    child.on('close', (code) => finish({ kind: 'exited', code, said: Buffer.concat(said).toString('utf8') }));
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // There is nobody left in the group.
  }
}
