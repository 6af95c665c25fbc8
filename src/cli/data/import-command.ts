import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isExportHeader } from '../../application/transfer/workspace-lines.ts';
import { type CommandContext, CommandError, command, UsageError } from '../command/command.ts';
import { connectionFlags, withServer } from '../server/server-client.ts';
import { importBacklog } from './import-backlog.ts';
import { importWorkspace } from './import-workspace.ts';
import { readLines } from './input-lines.ts';

/** Reads a backlog into a project, or an export into an empty store. */
export const importCommand = command({
  name: 'import',
  sentence: 'Reads issues, one JSON object a line, into a project; or an export into an empty store.',
  operands: ['FILE'],
  flags: {
    project: {
      type: 'string',
      value: 'NAME',
      sentence: 'The project of the issues, by name or id; it is created when there is none.',
    },
    ...connectionFlags,
  },
  run: ({ flags, operands: [file = ''] }, surroundings) =>
    withFile(file, surroundings, async (path) => {
      const lines = () => readLines(bytesOf(path));
      const isExport = await beginsWithHeader(path, lines());
      if (isExport && flags.project !== undefined) {
        throw new UsageError(`${file} is an export of everything: import it without --project.`);
      }
      return withServer(flags, surroundings, (server) => {
        if (isExport) return importWorkspace(server, lines, surroundings);
        if (flags.project !== undefined) return importBacklog(server, flags.project, lines, surroundings);
        throw new UsageError(`--project is missing: ${file} holds issues and no export.`);
      });
    }),
});

/** Does the work with a file that can be read twice; what is said to the program is kept in one meanwhile. */
async function withFile<T>(
  file: string,
  { cwd, input }: CommandContext,
  work: (path: string) => Promise<T>,
): Promise<T> {
  if (file !== '-') return work(resolve(cwd, file));
  const folder = await mkdtemp(join(tmpdir(), 'maestro-import-'));
  try {
    const path = join(folder, 'input');
    await pipeline(input, createWriteStream(path, { mode: 0o600 }));
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is in the file, which is not opened before it is read. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}

async function beginsWithHeader(path: string, lines: ReturnType<typeof readLines>): Promise<boolean> {
  try {
    for await (const { text } of lines) return text !== undefined && isExportHeader(text);
  } catch (error) {
    throw new CommandError(
      `${path} cannot be read: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
  throw new CommandError(`${path} is empty.`);
}
