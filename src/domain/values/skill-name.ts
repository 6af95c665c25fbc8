import { z } from 'zod';
import { findTextFault } from './text.ts';

/**
 * The name of a skill in a request or a manifest. Agent programs look for a folder of this name, and get several of them
 * with commas between.
 */
export const skillNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine(
    (name) => findTextFault(name) === undefined && !/[/\\,\t\r\n]|^\.+$/.test(name),
    'the name of a skill has no "/", "\\", comma or control character, and is not made of dots alone',
  );

/** Whether the names of skills in the metadata of a session, if there are any, are such names. */
export function hasValidSkillNames({ skills }: { readonly skills?: unknown } = {}): boolean {
  return (
    !Array.isArray(skills) || skills.every((name) => name === '' || skillNameSchema.safeParse(name).success)
  );
}
