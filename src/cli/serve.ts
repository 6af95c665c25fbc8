import { type Config, type Environment, readConfig } from '../config/config.ts';
import { configWarnings } from '../config/config-warnings.ts';
import { formatConfig } from '../config/format-config.ts';
import { type OpenLog, openLog } from '../system/process/log.ts';
import { readVersion } from '../system/process/version.ts';
import { command } from './command/command.ts';
import { settingFlags, withFlags } from './command/setting-flags.ts';
import { listenForStopSignal } from './command/stop-signal.ts';
import { greeting } from './greeting.ts';

/** The server itself. */
export const serveCommand = command({
  name: 'serve',
  sentence: 'Serves until it is told to stop; this is also what happens without a command.',
  flags: {
    'print-config': {
      type: 'boolean',
      sentence: 'Shows the settings a start would use, secrets masked, and ends.',
    },
    'accept-edits': {
      type: 'boolean',
      sentence: 'Accepts what was edited by hand in the data folder while no server used it, before serving.',
    },
    ...settingFlags,
  },
  async run({ flags }, surroundings) {
    const env = withFlags(surroundings.environment(), flags);
    const config = readConfig(env, surroundings.cwd, surroundings.home);
    if (flags['print-config']) {
      surroundings.print(formatConfig(config));
      return 0;
    }
    const forPeople = surroundings.isTerminal && config.LOG_FORMAT !== 'json';
    const open = openLog({
      level: config.DEBUG ? 'debug' : config.LOG_LEVEL,
      format: config.LOG_FORMAT ?? (forPeople && config.LOG_FILE === undefined ? 'pretty' : 'json'),
      target: config.LOG_FILE ?? 1,
    });
    for (const warning of configWarnings(config, env)) open.log.warn(warning);
    try {
      if (flags['accept-edits']) {
        const { applyDataFolderEdits } = await import('./data/apply-external-edits.ts');
        open.log.info(await applyDataFolderEdits(config));
      }
      return await serveUntilStopped(config, env, open, (url) => {
        if (forPeople) surroundings.print(greeting(config, url, readVersion()));
        else open.log.info({ url, dataDir: config.DATA_DIR }, 'ready');
      });
    } finally {
      open.flush();
    }
  },
});

async function serveUntilStopped(
  config: Config,
  env: Environment,
  open: OpenLog,
  greet: (url: string) => void,
): Promise<number> {
  const { log } = open;
  const die = (fault: unknown) => {
    log.fatal({ err: fault }, 'a fault that nothing caught');
    open.flush();
    process.exit(1);
  };
  process.on('uncaughtException', die).on('unhandledRejection', die);
  const reopen = () => reopenLog(open);
  // Without a file, the signal ends the process, as it does when a terminal is closed.
  if (config.LOG_FILE !== undefined) process.on('SIGHUP', reopen);
  const signal = listenForStopSignal();
  try {
    const { startApp } = await import('../app.ts');
    const app = await startApp(config, log, { env });
    greet(app.url);
    const fault = await Promise.race([signal.received.then(() => undefined), app.failure]);
    if (fault !== undefined) log.fatal({ err: fault }, 'the store failed; stopping');
    else log.info(`stopping on ${await signal.received}`);
    await app.stop();
    log.info('stopped');
    return fault === undefined ? 0 : 1;
  } finally {
    signal.release();
    process.off('SIGHUP', reopen);
    process.off('uncaughtException', die).off('unhandledRejection', die);
  }
}

/** Goes on in a new file of the same name; when it cannot be opened, the log stays in the old one and says so. */
function reopenLog({ log, reopen }: OpenLog): void {
  try {
    reopen();
    log.info('opened the log file again on SIGHUP');
  } catch (error) {
    log.error({ err: error }, 'could not open the log file again; the log stays where it was');
  }
}
