import { z } from 'zod';

const entrySchema = z.looseObject({ time: z.string(), level: z.string(), msg: z.string().default('') });
const errorSchema = z.looseObject({ stack: z.string() });

/** A JSON line of the log for people: time, level, message and the other fields; stacks follow on lines of their own. */
export function prettyLine(line: string): string {
  const { time, level, msg, ...rest } = entrySchema.parse(JSON.parse(line));
  const fields: string[] = [];
  const stacks: string[] = [];
  for (const [name, value] of Object.entries(rest)) {
    const error = errorSchema.safeParse(value);
    if (error.success)
      stacks.push(...error.data.stack.split('\n').map((text) => `    ${escapeControls(text)}\n`));
    else
      fields.push(
        ` ${name}=${typeof value === 'string' ? quoteIfNeeded(value) : escapeControls(JSON.stringify(value))}`,
      );
  }
  const timeOfDay = time.slice(11, 23);
  return `${timeOfDay} ${level.toUpperCase().padEnd(5)} ${escapeControls(msg)}${fields.join('')}\n${stacks.join('')}`;
}

/** The text, in quotes unless it is one plain word. */
function quoteIfNeeded(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : `"${escapeControls(text)}"`;
}

/** Escapes control characters, so that text can neither forge a line nor move the cursor. */
function escapeControls(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
