import { z } from 'zod';
import type { SettingType } from './setting-types.ts';

/** What documentation and messages need to know about a setting. */
export interface SettingMeta {
  readonly group: string;
  readonly description: string;
  readonly allowed: string;
  /** The default as it would be written in the environment; undefined when there is none. */
  readonly defaultValue: string | undefined;
  readonly secret: boolean;
  readonly path: boolean | 'with a slash';
}

const settingRegistry = z.registry<SettingMeta>();

/**
 * Returns the function that declares the settings of one group. It takes the default as text (undefined for none), the
 * type, and a description.
 */
export function settingGroup(group: string) {
  function setting<T>(
    defaultValue: string,
    type: SettingType<T>,
    description: string,
  ): z.ZodType<T, string | undefined>;
  function setting<T>(
    defaultValue: undefined,
    type: SettingType<T>,
    description: string,
  ): z.ZodType<T | undefined, string | undefined>;
  function setting<T>(defaultValue: string | undefined, type: SettingType<T>, description: string) {
    const { allowed, schema, secret = false, path = false } = type;
    const optional = defaultValue === undefined ? schema.optional() : schema.prefault(defaultValue);
    return optional.register(settingRegistry, {
      group,
      description,
      allowed,
      defaultValue,
      secret,
      path,
    });
  }
  return setting;
}

/** What was declared about a setting; undefined when the schema does not belong to a setting. */
export function findSettingMeta(setting: z.ZodType): SettingMeta | undefined {
  return settingRegistry.get(setting);
}
