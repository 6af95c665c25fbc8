import type { Environment } from '../../config/config.ts';
import { settingMeta, settingNames } from '../../config/settings.ts';
import type { Flag } from './command.ts';

const toFlagName = (name: string) => name.toLowerCase().replaceAll('_', '-');

/** Every setting as a flag, except secrets: anyone who lists processes can read arguments. */
export const settingFlags: Readonly<Record<string, Flag & { readonly type: 'string' }>> = Object.fromEntries(
  settingNames
    .filter((name) => !settingMeta(name).secret)
    .map((name) => [
      toFlagName(name),
      { type: 'string', value: name, sentence: settingMeta(name).description },
    ]),
);

/** The environment with the settings that flags give in place of its own. */
export function withFlags(env: Environment, flags: Readonly<Record<string, unknown>>): Environment {
  const given = settingNames.flatMap((name) => {
    const value = flags[toFlagName(name)];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return { ...env, ...Object.fromEntries(given) };
}
