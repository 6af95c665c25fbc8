import { AppError } from '../../../domain/errors.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';

/** The SQL for the epoch of the stream that the expression names; differs for every history and stream. */
export function epochSql(stream: string): string {
  return `(select left(md5(seed::text || ':' || ${stream}), 20) from history)`;
}

/** The seed from which all epochs are derived; it changes when the history does. */
export async function readHistorySeed(connection: DatabaseConnection): Promise<string> {
  const [row] = await connection.query<{ seed: string }>('select seed from history');
  if (row === undefined)
    throw new AppError('STORE_FAILED', 'The database does not say which history it has.');
  return row.seed;
}

/** Ends the history with this seed; does nothing when it has ended already. */
export async function endHistory(connection: DatabaseConnection, seed: string): Promise<void> {
  await connection.query('update history set seed = gen_random_uuid() where seed = $1', [seed]);
}

/** Gives every stream a new epoch: for a database that was restored, and so may lack events it once delivered. */
export async function renewHistory(connection: DatabaseConnection): Promise<void> {
  await connection.query('update history set seed = gen_random_uuid()');
}

/**
 * Renews the history when the database is on another cluster or timeline than before, as after a physical restore or a
 * promotion; does nothing when the role has no right to read which it is.
 */
export async function renewHistoryIfSystemChanged(connection: DatabaseConnection): Promise<void> {
  const system = await readSystemIdentifier(connection);
  if (system === undefined) return;
  const [known] = await connection.query<{ system: string | null }>('select system from history');
  // Nothing is written without need, so that a read-only standby can be followed.
  if (known?.system === system) return;
  await connection.query(
    `update history set system = $1, seed = case when system is null then seed else gen_random_uuid() end
     where system is distinct from $1`,
    [system],
  );
}

// For some time after a promotion, the last checkpoint still has the old timeline.
const systemSql = `
  select system_identifier || '/' || case when pg_is_in_recovery() then timeline_id
    else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as system
  from pg_control_system(), pg_control_checkpoint()`;

async function readSystemIdentifier(connection: DatabaseConnection): Promise<string | undefined> {
  const [may] = await connection.query<{ read: boolean }>(
    `select has_function_privilege('pg_control_system()', 'execute')
        and has_function_privilege('pg_control_checkpoint()', 'execute') as read`,
  );
  if (may?.read !== true) return undefined;
  const [row] = await connection.query<{ system: string }>(systemSql);
  if (row === undefined) throw new AppError('STORE_FAILED', 'The database does not say which one it is.');
  return row.system;
}
