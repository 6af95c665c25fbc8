import type { Config } from './config.ts';
import { settingMeta, settingNames } from './settings.ts';

/** The configuration as lines of a .env file; secrets are masked, and settings without a value are left out. */
export function formatConfig(config: Config): string {
  return settingNames
    .filter((name) => config[name] !== undefined)
    .map((name) => `${name}=${settingMeta(name).secret ? '********' : `${config[name]}`}\n`)
    .join('');
}
