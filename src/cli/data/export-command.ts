import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandContext, command } from '../command/command.ts';
import { connectionFlags, type ServerClient, withServer } from '../server/server-client.ts';
import { assertReplaceable, forceFlag, writeOutputFile } from './output-file.ts';
import { readStreamedLines } from './streamed-lines.ts';

/** Writes everything but tokens down. */
export const exportCommand = command({
  name: 'export',
  sentence:
    'Writes everything but tokens, as it is at one moment, as JSON lines, which "import" reads into an empty store.',
  operands: ['[FILE]'],
  flags: { ...forceFlag, ...connectionFlags },
  async run({ flags, operands: [file = '-'] }, surroundings) {
    const path = file === '-' ? undefined : resolve(surroundings.cwd, file);
    const output = path === undefined ? undefined : { path, force: flags.force ?? false };
    if (output !== undefined) await assertReplaceable(output);
    return withServer(flags, surroundings, async (server) => {
      const count =
        output === undefined
          ? await exportToOutput(server, surroundings)
          : await readStreamedLines(server, streamOperation, (bytes) => writeOutputFile(output, bytes));
      surroundings.printDiagnostic(`Exported ${count} lines${path === undefined ? '' : ` to ${path}`}.\n`);
      return 0;
    });
  },
});

const streamOperation = 'GET /api/export/stream';

/** Writes to a temporary file first: what a pipe gets is all of one state, or nothing. */
async function exportToOutput(
  server: ServerClient,
  { writeChunk }: Pick<CommandContext, 'writeChunk'>,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-export-'));
  const draft = join(folder, 'export.jsonl');
  try {
    const count = await readStreamedLines(server, streamOperation, (bytes) =>
      // What is in an export is for its owner only.
      writeFile(draft, bytes, { mode: 0o600 }),
    );
    for await (const chunk of createReadStream(draft)) await writeChunk(chunk);
    return count;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
