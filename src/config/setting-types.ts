import { isIP } from 'node:net';
import { z } from 'zod';

/** What a setting accepts: described in words, and as a schema that turns text into the value. */
export interface SettingType<T> {
  readonly allowed: string;
  readonly schema: z.ZodType<T, string>;
  /** Whether the value is hidden wherever settings are printed. */
  readonly secret?: boolean;
  /** Whether the value is a path, which is made absolute when settings are read; a program may also be a bare name. */
  readonly path?: boolean | 'with a slash';
}

/** A type from its parser, which returns undefined for text that is not allowed. */
function settingType<T>(allowed: string, parse: (text: string) => T | undefined): SettingType<T> {
  const schema = z.string().transform((text, context): T => {
    const parsed = parse(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: `it must be ${allowed}` });
    return z.NEVER;
  });
  return { allowed, schema };
}

/** The same type without the values for which `findProblem` returns what is wrong with them. */
export function refine<T>(
  type: SettingType<T>,
  findProblem: (value: T) => string | undefined,
): SettingType<T> {
  const schema = type.schema.superRefine((value, context) => {
    const message = findProblem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  return { ...type, schema };
}

/** A whole number from `min` to `max`, in decimal digits only. */
export function integer(min: number, max: number): SettingType<number> {
  return settingType(`a whole number from ${min} to ${max}`, (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
    return number >= min && number <= max ? number : undefined;
  });
}

/** One of the options, spelt exactly. */
export function oneOf<const Option extends string>(...options: readonly Option[]): SettingType<Option> {
  return settingType(options.join(' or '), (text) => options.find((option) => option === text));
}

/** A boolean: true, false, and the usual other spellings. */
export const trueOrFalse: SettingType<boolean> = settingType('true or false', (text) => {
  const parsed = z.stringbool().safeParse(text);
  return parsed.success ? parsed.data : undefined;
});

/** A path, absolute or relative to the working directory or, after `~/`, to the home directory. */
export const path: SettingType<string> = {
  ...settingType('a path; ~/ stands for your home directory', (text) =>
    /^~[^/]/.test(text) ? undefined : text,
  ),
  path: true,
};

/** A program: a path, or a name that is looked up in PATH. */
export const program: SettingType<string> = {
  ...settingType('a path, or the name of a program', (text) => (/^~[^/]/.test(text) ? undefined : text)),
  path: 'with a slash',
};

/** An address or a host name, without a port. */
export const host = settingType('an IP address or a host name', (text) => (isHost(text) ? text : undefined));

/** Host names without ports, made lower case. */
export const hosts = settingType('host names without ports, separated by commas', (text) => {
  const names = splitList(text).map((name) => name.toLowerCase());
  return names.every(isHost) ? names : undefined;
});

/** A base URL without user, query and fragment; a trailing slash is removed. */
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

/** Text that is never printed. */
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
