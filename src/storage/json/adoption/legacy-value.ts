import type { z } from 'zod';
import { secretNamePattern } from '../../../domain/work/session.ts';

/** A JSON object of another server, nothing of which is known to be what it should be. */
export type LegacyObject = Readonly<Record<string, unknown>>;

/** Hears what was left out or changed of something, as a part of a sentence, and the value that it had. */
export type Remark = (what: string, was?: unknown) => void;

const maxShownCharacters = 1000;
const maxCuttingRounds = 4;

type Shape = Readonly<Record<string, z.ZodType>>;

/** Whether the value is an object of JSON, and no list. */
export function isJsonObject(value: unknown): value is LegacyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a text holds as JSON, undefined when it holds none. */
export function parseObject(text: string | undefined): LegacyObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What the shape knows of an object: each value that is what it should be, or is when what is too long of it is cut, else
 * what `otherwise` has for it, which may be nothing. Says of each value that was changed and each key that was dropped.
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
    const fitting = given === undefined ? undefined : cutToFit(given, schema);
    const value = fitting ?? otherwise[key];
    if (value !== undefined) taken[key] = value;
    if (given === undefined || given === null || value === given) continue;
    if (fitting !== undefined) remark(`${key} was cut, as it is too long`, given);
    else remark(value === undefined ? `${key} was dropped` : `${key} became ${JSON.stringify(value)}`, given);
  }
  for (const key of Object.keys(old).filter((name) => !(name in shape))) {
    remark(`dropped ${key}`, secretNamePattern.test(key) ? undefined : old[key]);
  }
  return taken;
}

/** The value, with whatever is too long in it cut to what the schema allows; undefined when it does not fit even then. */
function cutToFit(value: unknown, schema: z.ZodType): unknown {
  let cut = value;
  // A list that is too long is found only once its items fit.
  for (let round = 0; round < maxCuttingRounds; round++) {
    const { error } = schema.safeParse(cut);
    if (error === undefined) return cut;
    for (const issue of error.issues) {
      if (issue.code !== 'too_big') return undefined;
      cut = cutAt(cut, issue.path, Number(issue.maximum));
    }
  }
  return undefined;
}

/** A copy of the value in which the text or list at the path is no longer than that. */
function cutAt(value: unknown, path: readonly PropertyKey[], maximum: number): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    // Schemas count characters, some of which are two code units.
    if (typeof value === 'string') return Array.from(value).slice(0, maximum).join('');
    return Array.isArray(value) ? value.slice(0, maximum) : value;
  }
  if (Array.isArray(value)) return value.map((item, i) => (i === key ? cutAt(item, rest, maximum) : item));
  if (!isJsonObject(value)) return value;
  return { ...value, [key]: cutAt(value[String(key)], rest, maximum) };
}

/** What a report shows of an old value: nothing that may be a secret, and no more than its beginning when it is long. */
export function describeOldValue(value: unknown): unknown {
  const text = JSON.stringify(value, (name, inner) => (secretNamePattern.test(name) ? undefined : inner));
  return text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : JSON.parse(text);
}

/** The items of a list that fit; for what is no list, none. */
export function filterValid<T>(value: unknown, schema: z.ZodType<T>): T[] {
  if (!Array.isArray(value)) return [];
  return [...new Set(value.filter((item): item is T => schema.safeParse(item).success))];
}
