import { AppError } from '../../../domain/errors.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';

/** SQL for the epoch of a stream, whose name is the expression: random for every history and every stream. */
export function epochSql(stream: string): string {
  return `(select left(md5(seed::text || ':' || ${stream}), 20) from history)`;
}

/** What the epochs come of: another one than before means that the history is another one. */
export async function readHistorySeed(connection: DatabaseConnection): Promise<string> {
  const [row] = await connection.query<{ seed: string }>('select seed from history');
  if (row === undefined)
    throw new AppError('STORE_FAILED', 'The database does not say which history it has.');
  return row.seed;
}

/** Ends the history that has this seed; does nothing when that is over already. */
export async function endHistory(connection: DatabaseConnection, seed: string): Promise<void> {
  await connection.query('update history set seed = gen_random_uuid() where seed = $1', [seed]);
}

/** Gives every stream a new epoch: for a database that was restored, and so may lack events it once delivered. */
export async function renewHistory(connection: DatabaseConnection): Promise<void> {
  await connection.query('update history set seed = gen_random_uuid()');
}

/**
 * Renews the history when this is another cluster or timeline than the one that it was written on, as after a physical
 * restore or a promoted standby; does nothing where the role may not know.
 */
export async function renewHistoryIfSystemChanged(connection: DatabaseConnection): Promise<void> {
  const system = await readSystemIdentifier(connection);
  if (system === undefined) return;
  const [known] = await connection.query<{ system: string | null }>('select system from history');
  // Nothing is written where nothing is to be said, so that a database that only reads can be followed.
  if (known?.system === system) return;
  await connection.query(
    `update history set system = $1, seed = case when system is null then seed else gen_random_uuid() end
     where system is distinct from $1`,
    [system],
  );
}

// What is known of the last checkpoint has the old timeline for some time behind a promotion.
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
