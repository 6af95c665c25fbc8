import type { z } from 'zod';
import { row } from './markdown-table.ts';

/** The part of JSON Schema that the pages speak of. */
export interface Schema {
  readonly $ref?: string;
  readonly id?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema | boolean;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

/** JSON Schema as zod wrote it. What its type allows beyond this, a boolean in place of a schema, zod never writes. */
export function toSchema(written: z.core.JSONSchema.BaseSchema): Schema {
  return written as Schema;
}

/** No bound worth telling lies beyond: the last instant there is. */
const maxTimestamp = 8_640_000_000_000_000;

/** What a value of the schema is, in a few words of Markdown; `link` turns the name of a shape into a link. */
export function describeType(schema: Schema, link: (name: string) => string): string {
  const words = (inner: Schema): string => describeType(inner, link);
  const name = schema.$ref?.split('/').at(-1) ?? schema.id;
  if (name !== undefined) return link(name);
  if ('const' in schema) return inlineCode(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(inlineCode).join(' or ');
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices !== undefined) return [...new Set(choices.map(words))].join(' or ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  if (schema.type === 'array') return describeArray(schema, words);
  if (schema.type === 'object') return describeObject(schema, words);
  return schema.type === undefined ? 'anything' : `${schema.type}`;
}

/** What a value is, and its limits: `string, 1 to 500 characters`. */
export function describeValue(schema: Schema, link: (name: string) => string): string {
  return [describeType(schema, link), describeLimits(schema)].filter((part) => part !== '').join(', ');
}

/** The limits of a value, as `1 to 500 characters`; empty when there are none worth saying. */
function describeLimits(schema: Schema): string {
  const range = (least: number | undefined, most: number | undefined, unit: string): string[] => {
    const low = least === undefined || least <= -maxTimestamp ? undefined : least;
    const high = most === undefined || most >= maxTimestamp ? undefined : most;
    if (low === undefined && high === undefined) return [];
    if (high === undefined) return low === 0 ? [] : [`at least ${low}${unit}`];
    return low === undefined || low === 0 ? [`at most ${high}${unit}`] : [`${low} to ${high}${unit}`];
  };
  return [
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' items'),
    ...(schema.default === undefined ? [] : [`default ${inlineCode(schema.default)}`]),
  ].join(', ');
}

/** The rows of a table of an object's fields: name, what it is, what else is to know. */
export function fieldRows(schema: Schema, link: (name: string) => string): string[] {
  return Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const optional = schema.required?.includes(name) ? '' : ' (optional)';
    return row(`\`${name}\`${optional}`, describeValue(field, link), field.description ?? '');
  });
}

function describeArray(schema: Schema, words: (inner: Schema) => string): string {
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(words).join(', ')}]`;
  return typeof schema.items === 'object' ? `array of ${words(schema.items)}` : 'array';
}

function describeObject(schema: Schema, words: (inner: Schema) => string): string {
  const names = Object.keys(schema.properties ?? {});
  if (names.length > 0) return `object of ${names.map((name) => `\`${name}\``).join(', ')}`;
  const rest = schema.additionalProperties;
  return typeof rest === 'object' && Object.keys(rest).length > 0 ? `object of ${words(rest)}` : 'object';
}

function inlineCode(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
