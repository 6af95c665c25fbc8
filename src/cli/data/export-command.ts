import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type CommandContext, CommandError, command } from '../command/command.ts';
import { connectionFlags, ResponseError, type ServerClient, withServer } from '../server/server-client.ts';

/** Writes everything but tokens down. */
export const exportCommand = command({
  name: 'export',
  sentence: 'Writes everything but tokens as JSON lines, which "import" reads into an empty store.',
  operands: ['[FILE]'],
  flags: connectionFlags,
  run: ({ flags, operands: [file = '-'] }, surroundings) =>
    withServer(flags, surroundings, async (server) => {
      const target = file === '-' ? undefined : resolve(surroundings.cwd, file);
      const count = await exportTo(server, target, surroundings);
      surroundings.printDiagnostic(
        `Exported ${count} lines${target === undefined ? '' : ` to ${target}`}.\n`,
      );
      return 0;
    }),
});

const pageSchema = z.object({ lines: z.array(z.string()), next: z.string().nullable() });

/** How often an export begins again because something was changed meanwhile. */
const maxAttempts = 5;

/** Writes into a file of its own first: what is there in the end is whole, and of one state. */
async function exportTo(
  server: ServerClient,
  target: string | undefined,
  { writeChunk }: Pick<CommandContext, 'writeChunk'>,
): Promise<number> {
  const folder = await createDraftFolder(target);
  const draft = join(folder, 'export.jsonl');
  try {
    const count = await writeConsistentExport(server, draft);
    if (target !== undefined) await rename(draft, target).catch(cannotWrite(target));
    else for await (const chunk of createReadStream(draft)) await writeChunk(chunk);
    return count;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A new folder beside the target, so that the draft can be renamed to it; else among temporary files. */
function createDraftFolder(target: string | undefined): Promise<string> {
  if (target === undefined) return mkdtemp(join(tmpdir(), 'maestro-export-'));
  return mkdtemp(join(dirname(target), '.maestro-export-')).catch(cannotWrite(target));
}

function cannotWrite(target: string) {
  return (error: unknown): never => {
    throw new CommandError(
      `${target} cannot be written: ${error instanceof Error ? error.message : error}`,
      error,
    );
  };
}

async function writeConsistentExport(server: ServerClient, path: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    // What is in an export is for its owner only.
    const file = await open(path, 'w', 0o600);
    try {
      const count = await writePages(server, file);
      await file.sync();
      return count;
    } catch (error) {
      if (!(error instanceof ResponseError) || error.status !== 409) throw error;
      if (attempt === maxAttempts) {
        throw new CommandError(
          'Something was changed during each of 5 attempts, and an export shows one state: stop the server, or those who use it, and export again.',
          error,
        );
      }
    } finally {
      await file.close();
    }
  }
}

async function writePages(server: ServerClient, file: FileHandle): Promise<number> {
  let count = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = cursor === '' ? '/api/export' : `/api/export?${new URLSearchParams({ cursor })}`;
    const page: z.infer<typeof pageSchema> = await server.send(pageSchema, 'GET', path);
    await file.appendFile(page.lines.map((line) => `${line}\n`).join(''));
    count += page.lines.length;
    cursor = page.next;
  }
  return count;
}
