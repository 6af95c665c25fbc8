import type { Logger } from 'pino';
import type { Store } from './application/store/store.ts';
import type { Config } from './config/config.ts';
import { openOrAdoptStore } from './storage/json/adoption/adopt-folder.ts';
import { createNodeFileSystem } from './storage/json/disk/node-file-system.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Opens the store that the configuration names, on files or on PostgreSQL. `onFailure` gets the error when the store
 * stops for good. Throws StartError when the store cannot be opened.
 */
export async function openStore(
  config: Config,
  log: Logger,
  onFailure: (error: unknown) => void,
): Promise<Store> {
  const retention = { events: config.EVENT_RETENTION_COUNT, ageMs: config.EVENT_RETENTION_DAYS * dayMs };
  if (config.DATABASE_TYPE === 'postgres') {
    // Loaded only here, so that a server on files starts without the driver.
    const { openPostgresStore } = await import('./storage/postgres/postgres-store.ts');
    return openPostgresStore({
      url: config.DATABASE_URL,
      directUrl: config.DATABASE_DIRECT_URL,
      poolSize: config.DATABASE_POOL_SIZE,
      retention,
      onFailure,
    });
  }
  return openOrAdoptStore({
    dataDir: config.DATA_DIR,
    files: createNodeFileSystem(),
    now: Date.now,
    retention,
    checkpointIntervalMs: config.STORE_CHECKPOINT_INTERVAL * 1000,
    allowNetwork: config.STORE_ALLOW_NETWORK_FS,
    onFatalError: onFailure,
    log: (level, message, details = {}) => log[level](details, message),
  });
}
