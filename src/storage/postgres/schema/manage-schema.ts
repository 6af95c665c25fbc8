import { Database, type DatabaseOptions } from '../connection/database.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';
import { toStartError } from '../connection/to-start-error.ts';
import { renewHistory } from './history.ts';
import { type MigrationStatus, migrateUp, readMigrationStatus } from './migrate.ts';

/** Tells which steps of the schema the database has taken. Throws StartError. */
export function readSchemaStatus(options: DatabaseOptions): Promise<readonly MigrationStatus[]> {
  return withDatabase(options, (connection) => readMigrationStatus(connection));
}

/**
 * Takes the steps that are left and returns their names; with `newEpoch` also ends the history of every stream, as it
 * must be done once behind a logical restore. Throws StartError.
 */
export function migrateSchema(
  options: DatabaseOptions,
  { newEpoch }: { readonly newEpoch: boolean },
): Promise<readonly string[]> {
  return withDatabase(options, async (connection) => {
    const taken = await migrateUp(connection);
    if (newEpoch) await renewHistory(connection);
    return taken;
  });
}

async function withDatabase<T>(
  { url, directUrl }: DatabaseOptions,
  work: (connection: DatabaseConnection) => Promise<T>,
): Promise<T> {
  const database = new Database({ url: directUrl ?? url, poolSize: 1 });
  try {
    return await database.use(work);
  } catch (error) {
    throw toStartError(error);
  } finally {
    await database.end();
  }
}
