import { resolve } from 'node:path';
import { CommandError, command } from '../command/command.ts';
import { connectionFlags, type ServerClient, withServer } from '../server/server-client.ts';
import { writeChecksummedFile } from './checksummed-file.ts';

/** How often a backup begins again because what it read was taken away meanwhile. */
const maxAttempts = 5;

/** Writes everything into one file, whether a server runs or not. */
export const backupCommand = command({
  name: 'backup',
  sentence:
    'Writes everything stored, as it is at one moment, into a file for "restore"; the server goes on.',
  operands: ['FILE'],
  flags: connectionFlags,
  run: ({ flags, operands: [file = ''] }, surroundings) =>
    withServer(flags, surroundings, async (server) => {
      const path = resolve(surroundings.cwd, file);
      for (let attempt = 1; ; attempt++) {
        const told = { lines: 0 };
        try {
          await writeChecksummedFile(path, readBackup(server, told));
          surroundings.printDiagnostic(`Backed up ${told.lines} lines to ${path}.\n`);
          return 0;
        } catch (error) {
          if (!(error instanceof IncompleteBackupError) || attempt === maxAttempts) throw error;
        }
      }
    }),
});

class IncompleteBackupError extends CommandError {}

/** The bytes of a backup, and how many lines that are. Throws BrokenOffError when they end before the backup does. */
async function* readBackup(server: ServerClient, told: { lines: number }): AsyncGenerator<Uint8Array> {
  const { body } = await server.fetch('/api/backup');
  let last: Uint8Array = new Uint8Array();
  try {
    for await (const part of body ?? []) {
      for (let at = part.indexOf(newline); at >= 0; at = part.indexOf(newline, at + 1)) told.lines += 1;
      last = Buffer.concat([last, part]).subarray(-maxEndLineBytes);
      yield part;
    }
  } catch (error) {
    throw incompleteBackupError(error);
  }
  const end = /\{"end":true,"lines":([0-9]+)\}\n$/.exec(Buffer.from(last).toString('latin1'));
  if (Number(end?.[1]) !== told.lines) throw incompleteBackupError();
}

const newline = 0x0a;
const maxEndLineBytes = 64;

function incompleteBackupError(cause?: unknown): IncompleteBackupError {
  return new IncompleteBackupError('The server broke the backup off; see its log, and try again.', cause);
}
