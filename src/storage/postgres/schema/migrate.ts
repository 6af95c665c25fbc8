import { StartError } from '../../../domain/start-error.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';
import type { Migration } from './migration.ts';
import { checksumOf, migrations } from './migrations.ts';

/** A migration, and when this database applied it; undefined when it has not. */
export interface MigrationStatus {
  readonly version: number;
  readonly name: string;
  readonly appliedAt: Date | undefined;
}

// An arbitrary number, which must be the same in every version of this server.
const advisoryLockKey = 7_236_418_305;

const createTable = `
create table if not exists schema_migrations (
  version int primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
)`;

interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly applied_at: Date;
}

/**
 * Reads which migrations the database has applied. Throws StartError when it has applied one that is not in `steps`, or
 * whose checksum differs.
 */
export async function readMigrationStatus(
  connection: DatabaseConnection,
  steps: readonly Migration[] = migrations,
): Promise<readonly MigrationStatus[]> {
  const [exists] = await connection.query<{ found: boolean }>(
    `select to_regclass('schema_migrations') is not null as found`,
  );
  const applied = exists?.found
    ? await connection.query<AppliedMigration>('select * from schema_migrations order by version')
    : [];
  for (const [i, { version, name, checksum }] of applied.entries()) {
    const step = steps[i];
    if (step === undefined || version !== i + 1) {
      throw new StartError(
        `The database has schema ${version} (${name}), this server knows ${steps.length}; run a newer server.`,
      );
    }
    if (checksumOf(step) !== checksum) {
      throw new StartError(
        `Schema ${version} (${name}) of the database is not the one this server knows; restore the database, or run the server that made it.`,
      );
    }
  }
  return steps.map(({ name }, i) => ({ version: i + 1, name, appliedAt: applied[i]?.applied_at }));
}

/**
 * Applies the migrations that are missing, in one process at a time, and returns their names. Needs the right to create
 * tables only when there are any. Throws as `readMigrationStatus` does.
 */
export async function migrateUp(
  connection: DatabaseConnection,
  steps: readonly Migration[] = migrations,
): Promise<readonly string[]> {
  const isDone = (status: MigrationStatus) => status.appliedAt !== undefined;
  if ((await readMigrationStatus(connection, steps)).every(isDone)) return [];
  return connection.inTransaction(async () => {
    // Another process may be migrating, and a large table may take long.
    await connection.disableTimeouts();
    await connection.query('select pg_advisory_xact_lock($1)', [advisoryLockKey]);
    await assertUnicode(connection);
    await connection.query(createTable);
    // Another process may have applied them while this one waited for the lock.
    const pending = (await readMigrationStatus(connection, steps)).filter((status) => !isDone(status));
    for (const { version } of pending) {
      const step = steps[version - 1] as Migration;
      await connection.runScript(step.sql);
      await connection.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
        version,
        step.name,
        checksumOf(step),
      ]);
    }
    return pending.map((status) => status.name);
  });
}

async function assertUnicode(connection: DatabaseConnection): Promise<void> {
  const [row] = await connection.query<{ encoding: string }>(
    `select current_setting('server_encoding') as encoding`,
  );
  if (row?.encoding === 'UTF8') return;
  throw new StartError(`The database has the encoding ${row?.encoding}; create it with ENCODING 'UTF8'.`);
}
