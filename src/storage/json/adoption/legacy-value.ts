import type { z } from 'zod';

/** A JSON object of another server, nothing of which is known to be what it should be. */
export type LegacyObject = Readonly<Record<string, unknown>>;

/** Hears what was left out or changed of something, as a part of a sentence. */
export type Remark = (what: string) => void;

type Shape = Readonly<Record<string, z.ZodType>>;

/** Whether the value is an object of JSON, and no list. */
export function isJsonObject(value: unknown): value is LegacyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What the shape knows of an object: each value that is what it should be, else what `otherwise` has for it, which may
 * be nothing. Says of each value that was replaced and each key that was dropped.
 */
export function fitToSchema(
  old: LegacyObject,
  shape: Shape,
  otherwise: LegacyObject,
  remark: Remark,
): Record<string, unknown> {
  const taken: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const given = old[key];
    const fits = given !== undefined && schema.safeParse(given).success;
    const value = fits ? given : otherwise[key];
    if (value !== undefined) taken[key] = value;
    if (given !== undefined && given !== null && !fits) {
      remark(value === undefined ? `${key} was dropped` : `${key} became ${JSON.stringify(value)}`);
    }
  }
  const foreign = Object.keys(old).filter((key) => !(key in shape));
  if (foreign.length > 0) remark(`dropped ${foreign.join(', ')}`);
  return taken;
}

/** The items of a list that fit; for what is no list, none. */
export function filterValid<T>(value: unknown, schema: z.ZodType<T>): T[] {
  if (!Array.isArray(value)) return [];
  return [...new Set(value.filter((item): item is T => schema.safeParse(item).success))];
}
