import { z } from 'zod';

const entrySchema = z.looseObject({ time: z.string(), level: z.string(), msg: z.string().default('') });
const errorSchema = z.looseObject({ stack: z.string() });

/** A JSON line of the log as people read it: time, level, message, then what else it holds; stacks on lines below. */
export function prettyLine(line: string): string {
  const { time, level, msg, ...rest } = entrySchema.parse(JSON.parse(line));
  const fields: string[] = [];
  const stacks: string[] = [];
  for (const [name, value] of Object.entries(rest)) {
    const error = errorSchema.safeParse(value);
    if (error.success) stacks.push(...error.data.stack.split('\n').map((text) => `    ${printable(text)}\n`));
    else
      fields.push(` ${name}=${typeof value === 'string' ? bare(value) : printable(JSON.stringify(value))}`);
  }
  const clock = time.slice(11, 23);
  return `${clock} ${level.toUpperCase().padEnd(5)} ${printable(msg)}${fields.join('')}\n${stacks.join('')}`;
}

/** The text as it is when it is one plain word, else in quotes. */
function bare(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : `"${printable(text)}"`;
}

/** Text that cannot pretend to be another line, nor move the cursor. */
function printable(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
