import { execFile, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { cp, mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../guards/source-file.ts';

/** A command that a page shows, and what it says that comes out. */
export interface ConsoleStep {
  readonly command: string;
  readonly output: string;
}

/** The steps that the console blocks of a page show, in their order. */
export function parseConsoleSteps(page: string): ConsoleStep[] {
  const blocks = [...page.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [, command = '', output = ''] = /^((?:[^\n]*\\\n)*[^\n]*)\n(.*)$/s.exec(step) ?? [];
        return { command, output };
      }),
  );
}

/** Copies what is built and started into a folder, so that nobody else's build is disturbed. */
export async function copyProgram(folder: string): Promise<void> {
  await mkdir(join(folder, 'docs'));
  for (const path of ['src', 'docs/examples', 'package.json', 'tsconfig.json']) {
    await cp(join(repositoryRoot, path), join(folder, path), { recursive: true });
  }
  await symlink(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'));
}

const stepSeparator = '=== next step ===';

/**
 * Runs the commands one after the other in one shell and returns what each gave. What writes to `server.log` meanwhile
 * is stopped in the end, and gone when this resolves.
 */
export async function runConsoleSteps(
  commands: readonly string[],
  { folder, home }: { readonly folder: string; readonly home: string },
): Promise<readonly string[]> {
  const script = join(home, 'script.sh');
  await writeFile(
    script,
    ['exec 2>&1', ...commands.flatMap((c) => [`echo '${stepSeparator}'`, c])].join('\n'),
  );
  // A pipe in place of the file: it ends when nobody is left who writes to it.
  const pipe = join(folder, 'server.log');
  await promisify(execFile)('mkfifo', [pipe]);
  const log = text(createReadStream(pipe));
  const shell = spawn('bash', [script], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: home, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, which what it starts belongs to.
    detached: true,
  });
  const output = await text(shell.stdout);
  process.kill(-(shell.pid as number), 'SIGTERM');
  // Should no command have opened the pipe, this ends it.
  await (await open(pipe, 'r+')).close();
  await log;
  return output.split(`${stepSeparator}\n`).slice(1);
}

/** The text with the same words for ids, times and places, whichever they were; equal ids stay equal. */
export function normalizeOutputs(outputs: readonly string[]): string[] {
  const names = new Map<string, string>();
  return outputs.map((output) =>
    output
      .replace(/\b(proj|task|sess|evt)_[0-9a-z]{20}\b/g, (id, prefix: string) => {
        if (!names.has(id)) names.set(id, `${prefix}_${names.size + 1}`);
        return names.get(id) ?? id;
      })
      .replace(/\b1[0-9]{12}\b/g, 'TIME')
      .replace(/http:\/\/127\.0\.0\.1:[0-9]+/g, 'URL'),
  );
}
