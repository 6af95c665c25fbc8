import { resolve } from 'node:path';
import { copyStore } from '../../application/store/copy-store.ts';
import type { Store } from '../../application/store/store.ts';
import { type Config, readConfig } from '../../config/config.ts';
import { AppError } from '../../domain/errors.ts';
import { openLog } from '../../system/process/log.ts';
import { CommandError, command, UsageError } from '../command/command.ts';

/** Takes everything from files into a database, or back. */
export const copyCommand = command({
  name: 'copy',
  sentence: 'Copies everything but the event log from one store into an empty one, and compares the two.',
  flags: {
    from: { type: 'string', value: 'DIR', sentence: 'A data folder that no server uses, or "postgres".' },
    to: { type: 'string', value: 'DIR', sentence: 'The same; "postgres" is what DATABASE_URL says.' },
  },
  async run({ flags: { from, to } }, surroundings) {
    if (from === undefined || to === undefined) throw new UsageError('copy takes --from and --to.');
    if (from === to) throw new UsageError('--from and --to name the same store.');
    const { DATABASE_TYPE: _, DATABASE_URL, ...env } = surroundings.environment();
    const configOf = (place: string): Config => {
      const ofPlace =
        place === 'postgres'
          ? { ...env, DATABASE_URL, DATABASE_TYPE: 'postgres' }
          : { ...env, DATA_DIR: resolve(surroundings.cwd, place) };
      return readConfig(ofPlace, surroundings.cwd, surroundings.home);
    };
    const { log, flush } = openLog({ level: 'warn', format: 'pretty', target: 2 });
    const opened: Store[] = [];
    try {
      const { openStore } = await import('../../open-store.ts');
      for (const place of [from, to]) opened.push(await openStore(configOf(place), log, () => {}));
      const [source, target] = opened as [Store, Store];
      surroundings.printDiagnostic(
        `Copied ${await copyStore(source, target)} records from ${from} to ${to}.\n`,
      );
      return 0;
    } catch (error) {
      throw error instanceof AppError ? new CommandError(error.message, error) : error;
    } finally {
      for (const store of opened.reverse()) await store.close();
      flush();
    }
  },
});
