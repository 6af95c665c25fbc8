import type { Config } from './config.ts';
import { settingMeta, settingNames } from './settings.ts';

/** The configuration as lines of a .env file that would give it again; secrets are masked, what is not given is left out. */
export function formatConfig(config: Config): string {
  return settingNames
    .filter((name) => config[name] !== undefined)
    .map((name) => `${name}=${settingMeta(name).secret ? '********' : `${config[name]}`}\n`)
    .join('');
}
