import { z } from 'zod';
import type { SettingType } from './setting-types.ts';

/** What the pages and messages say about a setting. */
export interface SettingMeta {
  readonly group: string;
  readonly description: string;
  readonly allowed: string;
  /** What it is when not given, spelt as in the environment. */
  readonly defaultValue: string | undefined;
  readonly secret: boolean;
  readonly path: boolean | 'with a slash';
}

const settingRegistry = z.registry<SettingMeta>();

/** Makes the entries of one group: a default (undefined for none), what is allowed, and a sentence. */
export function settingGroup(title: string) {
  function setting<T>(
    fallback: string,
    value: SettingType<T>,
    sentence: string,
  ): z.ZodType<T, string | undefined>;
  function setting<T>(
    fallback: undefined,
    value: SettingType<T>,
    sentence: string,
  ): z.ZodType<T | undefined, string | undefined>;
  function setting<T>(fallback: string | undefined, value: SettingType<T>, sentence: string) {
    const { allowed, schema, secret = false, path = false } = value;
    const optional = fallback === undefined ? schema.optional() : schema.prefault(fallback);
    return optional.register(settingRegistry, {
      group: title,
      description: sentence,
      allowed,
      defaultValue: fallback,
      secret,
      path,
    });
  }
  return setting;
}

/** What was said about a setting when its entry was made, undefined for what is none. */
export function findSettingMeta(setting: z.ZodType): SettingMeta | undefined {
  return settingRegistry.get(setting);
}
