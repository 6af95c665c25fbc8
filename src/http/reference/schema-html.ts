import type { JsonSchema } from '../../api/schema-registry.ts';
import { type Html, html, prose } from './html.ts';

/** What a value of the schema is, in a few words; named shapes are links. */
export function schemaSummary(schema: JsonSchema): Html {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    return html`<a href="#${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined)
    return alternatives(schema.enum.map((one) => html`<code>${String(one)}</code>`));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return alternatives(choices.map(schemaSummary));
  if (schema.type === 'array') {
    const items = Array.isArray(schema.items) ? undefined : schema.items;
    return typeof items === 'object' ? html`list of ${schemaSummary(items)}` : html`list`;
  }
  if (schema.type === 'object' && schema.properties !== undefined) {
    const names = Object.keys(schema.properties);
    return html`object of ${names.map((name, i) => html`${i > 0 && ', '}<code>${name}</code>`)}`;
  }
  const rest = schema.additionalProperties;
  if (schema.type === 'object' && typeof rest === 'object' && Object.keys(rest).length > 0) {
    return html`object of ${schemaSummary(rest)}`;
  }
  return html`${[schema.type ?? 'anything'].flat().join(' or ')}${rangeOf(schema)}`;
}

/** A table of the fields of an object; a few words for any other schema. */
export function schemaTable(schema: JsonSchema): Html {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return html`<p>${schemaSummary(schema)}</p>`;
  return html`<table>${fields.map(([name, field]) => {
    if (typeof field === 'boolean') return undefined;
    return fieldRow(name, schema.required?.includes(name) ?? false, field, field.description);
  })}</table>`;
}

/** A row with the name of a value, whether it is required, and what it is. */
export function fieldRow(name: string, required: boolean, schema: JsonSchema, description = ''): Html {
  const note = [schemaSummary(schema), description !== '' && html`<br>${prose(description)}`];
  return html`<tr><td><code>${name}</code>${!required && html` <small>optional</small>`}</td><td>${note}</td></tr>`;
}

function alternatives(choices: readonly Html[]): Html {
  return html`${choices.map((choice, i) => html`${i > 0 && ' or '}${choice}`)}`;
}

function rangeOf({ minimum, maximum, minLength, maxLength }: JsonSchema): string {
  const least = minimum ?? (minLength || undefined);
  const most = maximum ?? maxLength;
  const unit = minLength === undefined && maxLength === undefined ? '' : ' characters';
  if (least !== undefined && most !== undefined) return `, ${least} to ${most}${unit}`;
  if (least !== undefined) return `, at least ${least}${unit}`;
  return most === undefined ? '' : `, at most ${most}${unit}`;
}
