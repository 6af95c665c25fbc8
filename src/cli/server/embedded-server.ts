import type { App } from '../../app.ts';
import type { Config } from '../../config/config.ts';
import { FolderInUseError } from '../../storage/json/folder/folder-in-use-error.ts';
import { openLog } from '../../system/process/log.ts';

/**
 * Starts a server over the data folder for the work of one command, on a free port of this machine that is announced to
 * nobody. Returns undefined when another process uses the folder.
 */
export async function startEmbeddedServer(config: Config): Promise<App | undefined> {
  const { log, flush } = openLog({ level: 'warn', format: 'pretty', target: 2 });
  // Loaded only where it is needed: it is most of what a start of the program costs.
  const { startApp } = await import('../../app.ts');
  try {
    return await startApp({ ...config, HOST: '127.0.0.1', PORT: 0, SERVER_URL: undefined }, log, {
      publish: false,
    });
  } catch (error) {
    if (error instanceof FolderInUseError) return undefined;
    throw error;
  } finally {
    flush();
  }
}
