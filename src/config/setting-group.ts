import { z } from 'zod';
import type { SettingValue } from './setting-values.ts';

/** What the pages and messages say about a setting. */
export interface SettingMeta {
  readonly group: string;
  readonly sentence: string;
  readonly allowed: string;
  /** What it is when not given, spelt as in the environment. */
  readonly fallback: string | undefined;
  readonly secret: boolean;
  readonly path: boolean | 'with a slash';
}

const about = z.registry<SettingMeta>();

/** Makes the entries of one group: a default (undefined for none), what is allowed, and a sentence. */
export function group(title: string) {
  function setting<T>(
    fallback: string,
    value: SettingValue<T>,
    sentence: string,
  ): z.ZodType<T, string | undefined>;
  function setting<T>(
    fallback: undefined,
    value: SettingValue<T>,
    sentence: string,
  ): z.ZodType<T | undefined, string | undefined>;
  function setting<T>(fallback: string | undefined, value: SettingValue<T>, sentence: string) {
    const { allowed, schema, secret = false, path = false } = value;
    const optional = fallback === undefined ? schema.optional() : schema.prefault(fallback);
    return optional.register(about, { group: title, sentence, allowed, fallback, secret, path });
  }
  return setting;
}

/** What was said about a setting when its entry was made, undefined for what is none. */
export function metaOf(setting: z.ZodType): SettingMeta | undefined {
  return about.get(setting);
}
