import { Database, type DatabaseOptions } from '../connection/database.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';
import { toStartError } from '../connection/to-start-error.ts';
import { renewHistory } from './history.ts';
import { type MigrationStatus, migrateUp, readMigrationStatus } from './migrate.ts';

/** The migrations, each with the time when the database applied it, if it did. Throws StartError. */
export function readSchemaStatus(options: DatabaseOptions): Promise<readonly MigrationStatus[]> {
  return withDatabase(options, (connection) => readMigrationStatus(connection));
}

/**
 * Applies the missing migrations and returns their names; `newEpoch` also ends the history of every stream, as is needed
 * once after a logical restore. Throws StartError.
 */
export function migrateSchema(
  options: DatabaseOptions,
  { newEpoch }: { readonly newEpoch: boolean },
): Promise<readonly string[]> {
  return withDatabase(options, async (connection) => {
    const applied = await migrateUp(connection);
    if (newEpoch) await renewHistory(connection);
    return applied;
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
