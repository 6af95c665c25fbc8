import { resolve } from 'node:path';
import { command } from '../command/command.ts';
import { connectionFlags, withServer } from '../server/server-client.ts';
import { withChecksum } from './checksummed-file.ts';
import { assertReplaceable, forceFlag, writeOutputFile } from './output-file.ts';
import { readStreamedLines } from './streamed-lines.ts';

/** Writes everything into one file, whether a server runs or not. */
export const backupCommand = command({
  name: 'backup',
  sentence:
    'Writes everything stored, as it is at one moment, into a file for "restore"; the server goes on.',
  operands: ['FILE'],
  flags: { ...forceFlag, ...connectionFlags },
  async run({ flags, operands: [file = ''] }, surroundings) {
    const output = { path: resolve(surroundings.cwd, file), force: flags.force ?? false };
    await assertReplaceable(output);
    return withServer(flags, surroundings, async (server) => {
      const count = await readStreamedLines(server, 'GET /api/backup', (bytes) =>
        writeOutputFile(output, withChecksum(bytes)),
      );
      surroundings.printDiagnostic(`Backed up ${count} lines to ${output.path}.\n`);
      return 0;
    });
  },
});
