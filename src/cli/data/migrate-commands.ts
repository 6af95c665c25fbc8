import { type Config, readConfig } from '../../config/config.ts';
import type { DatabaseOptions } from '../../storage/postgres/connection/database.ts';
import { type CommandContext, CommandError, command } from '../command/command.ts';

/** Tells what a start would do to the schema of the database. */
export const migrateStatusCommand = command({
  name: 'migrate status',
  sentence: 'Tells which steps the schema of the database has taken.',
  flags: {},
  async run(_, surroundings) {
    const { readSchemaStatus } = await import('../../storage/postgres/schema/manage-schema.ts');
    for (const { version, name, appliedAt } of await readSchemaStatus(readDatabaseOptions(surroundings))) {
      surroundings.print(`${version}  ${name}  ${appliedAt?.toISOString() ?? 'not taken yet'}\n`);
    }
    return 0;
  },
});

/** Does what a start would do to the schema of the database, and no more. */
export const migrateUpCommand = command({
  name: 'migrate up',
  sentence: 'Brings the schema of the database up to date, which every start does too.',
  flags: {
    'new-epoch': {
      type: 'boolean',
      sentence: 'Ends the history of all events, so that clients read anew; needed once behind a restore.',
    },
  },
  async run({ flags }, surroundings) {
    const newEpoch = flags['new-epoch'] === true;
    const { migrateSchema } = await import('../../storage/postgres/schema/manage-schema.ts');
    const taken = await migrateSchema(readDatabaseOptions(surroundings), { newEpoch });
    surroundings.print(taken.length === 0 ? 'The schema is up to date.\n' : `Took ${taken.join(', ')}.\n`);
    if (newEpoch) surroundings.print('Every stream of events has a new epoch.\n');
    return 0;
  },
});

function readDatabaseOptions(surroundings: CommandContext): DatabaseOptions {
  const config: Config = readConfig(surroundings.environment(), surroundings.cwd, surroundings.home);
  if (config.DATABASE_TYPE !== 'postgres') {
    throw new CommandError('Only a database has a schema: set DATABASE_TYPE to postgres.');
  }
  return { url: config.DATABASE_URL, directUrl: config.DATABASE_DIRECT_URL };
}
