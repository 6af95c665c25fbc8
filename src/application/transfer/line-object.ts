import type { z } from 'zod';
import { findSchemaIssue } from '../store/schema-issue.ts';

/** Says what is wrong with one line of an export or of a backup. */
export class LineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LineError';
  }
}

/** The JSON value that a line holds; undefined when the line is not JSON, or when an object in it has the key __proto__. */
export function parseLineJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => {
      if (key === '__proto__') throw new SyntaxError('__proto__ is not allowed as a key');
      return value;
    });
  } catch {
    return undefined;
  }
}

/** The JSON object that a line holds. Throws LineError. */
export function parseLineObject(text: string): object {
  const value = parseLineJson(text);
  if (typeof value === 'object' && value !== null) return value;
  throw new LineError('it is not a complete JSON object, or has the key __proto__');
}

/** Throws LineError with the first thing that is wrong when the line does not fit its schema. */
export function assertLine(schema: z.ZodType, value: object): void {
  const issue = findSchemaIssue(schema, value);
  if (issue !== undefined) throw new LineError(issue);
}
