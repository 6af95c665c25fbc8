import { isIP } from 'node:net';
import { z } from 'zod';

/** What the text of a setting may be, in words and as a schema from text to value. */
export interface SettingType<T> {
  readonly allowed: string;
  readonly schema: z.ZodType<T, string>;
  /** Never shown. */
  readonly secret?: boolean;
  /** A path: made absolute when the settings are read; what may be a name as well only where it has a slash. */
  readonly path?: boolean | 'with a slash';
}

/** A value by a function that returns undefined for text that is not allowed. */
function settingType<T>(allowed: string, parse: (text: string) => T | undefined): SettingType<T> {
  const schema = z.string().transform((text, context): T => {
    const parsed = parse(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: `it must be ${allowed}` });
    return z.NEVER;
  });
  return { allowed, schema };
}

/** The same value, less what `refuse` returns a sentence about. */
export function refine<T>(from: SettingType<T>, refuse: (value: T) => string | undefined): SettingType<T> {
  const schema = from.schema.superRefine((given, context) => {
    const message = refuse(given);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  return { ...from, schema };
}

/** A whole number in decimal digits, and nothing else. */
export function integer(least: number, most: number): SettingType<number> {
  return settingType(`a whole number from ${least} to ${most}`, (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
    return number >= least && number <= most ? number : undefined;
  });
}

/** One of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): SettingType<Word> {
  return settingType(words.join(' or '), (text) => words.find((word) => word === text));
}

/** Yes or no, as true or false. */
export const trueOrFalse: SettingType<boolean> = settingType('true or false', (text) => {
  const parsed = z.stringbool().safeParse(text);
  return parsed.success ? parsed.data : undefined;
});

/** A path, relative to the working directory or to the home directory. */
export const path: SettingType<string> = {
  ...settingType('a path; ~/ stands for your home directory', (text) =>
    /^~[^/]/.test(text) ? undefined : text,
  ),
  path: true,
};

/** A program, by its path or by its name. */
export const program: SettingType<string> = {
  ...settingType('a path, or the name of a program', (text) => (/^~[^/]/.test(text) ? undefined : text)),
  path: 'with a slash',
};

/** An address or a host name, without a port. */
export const host = settingType('an IP address or a host name', (text) => (isHost(text) ? text : undefined));

/** Host names, without ports, in lower case. */
export const hosts = settingType('host names without ports, separated by commas', (text) => {
  const names = splitList(text).map((name) => name.toLowerCase());
  return names.every(isHost) ? names : undefined;
});

/** A base URL without what does not belong there, and without the slash at its end. */
export const baseUrl = settingType('an http or https URL without user, query or fragment', (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined;
  return url.href.replace(/\/$/, '');
});

/** Origins exactly as browsers send them. */
export const origins = settingType(
  'exact origins separated by commas, as http://localhost:5173 or tauri://localhost',
  (text) => {
    const names = splitList(text);
    return names.every((name) => name.includes('*') || name === originOf(name)) ? names : undefined;
  },
);

/** Text that is never shown. */
export function secret(allowed: string, isAllowed: (text: string) => boolean): SettingType<string> {
  return { ...settingType(allowed, (text) => (isAllowed(text) ? text : undefined)), secret: true };
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,20}$/i.test(text);
}

function originOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url === undefined || url.host === '' ? undefined : `${url.protocol}//${url.host}`;
}
