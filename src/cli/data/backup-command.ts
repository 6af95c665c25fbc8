import { resolve } from 'node:path';
import { CommandError, command } from '../command/command.ts';
import { connectionFlags, type ServerConnection, withServer } from '../server/server-client.ts';
import { writeSealed } from './checksummed-file.ts';

/** How often a backup begins again because what it read was taken away meanwhile. */
const attempts = 5;

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
          await writeSealed(path, wholeBackup(server, told));
          surroundings.remark(`Backed up ${told.lines} lines to ${path}.\n`);
          return 0;
        } catch (error) {
          if (!(error instanceof BrokenOffError) || attempt === attempts) throw error;
        }
      }
    }),
});

class BrokenOffError extends CommandError {}

/** The bytes of a backup, and how many lines that are. Throws BrokenOffError when they end before the backup does. */
async function* wholeBackup(server: ServerConnection, told: { lines: number }): AsyncGenerator<Uint8Array> {
  const { body } = await server.fetch('/api/backup');
  let last: Uint8Array = new Uint8Array();
  try {
    for await (const part of body ?? []) {
      for (let at = part.indexOf(newline); at >= 0; at = part.indexOf(newline, at + 1)) told.lines += 1;
      last = Buffer.concat([last, part]).subarray(-endLength);
      yield part;
    }
  } catch (error) {
    throw brokenOff(error);
  }
  const end = /\{"end":true,"lines":([0-9]+)\}\n$/.exec(Buffer.from(last).toString('latin1'));
  if (Number(end?.[1]) !== told.lines) throw brokenOff();
}

const newline = 0x0a;
const endLength = 64;

function brokenOff(cause?: unknown): BrokenOffError {
  return new BrokenOffError('The server broke the backup off; see its log, and try again.', cause);
}
