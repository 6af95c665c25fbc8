import { z } from 'zod';

/** A schema in JSON Schema of 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Turns schemas into JSON Schema; those with an id become components that the others refer to. */
export class SchemaRegistry {
  readonly #components = new Map<string, JsonSchema>();

  /** What has an id, by its name among the components. */
  get components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What clients get. Objects may get more fields some day, so none is told to be complete. */
  output(schema: z.ZodType): JsonSchema {
    return this.#convert(
      z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any', override: allowAdditionalProperties }),
      '',
    );
  }

  /** What clients send. Where a component looks different coming in, it gets a second name. */
  input(schema: z.ZodType): JsonSchema {
    return this.#convert(
      z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: simplifySchema }),
      'Input',
    );
  }

  /** What a query parameter spells: what is made of its text where that is parsed, else the text. */
  parameter(schema: z.ZodType): JsonSchema {
    const bare = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    const { description: _, ...rest } = bare instanceof z.ZodPipe ? this.output(schema) : this.input(schema);
    return rest;
  }

  #convert({ $defs = {}, $schema: _, ...schema }: JsonSchema, suffix: string): JsonSchema {
    const names = new Map<string, string>();
    const differing = () =>
      Object.entries($defs).find(([id, definition]) => {
        const known = names.has(id) ? undefined : this.#components.get(id);
        return (
          known !== undefined &&
          JSON.stringify(known) !== JSON.stringify(rewriteReferences(definition, names))
        );
      });
    // What refers to a component under its second name differs by that, and gets a second name too.
    for (let next = differing(); next !== undefined; next = differing()) names.set(next[0], next[0] + suffix);
    for (const [id, definition] of Object.entries($defs)) {
      this.#components.set(names.get(id) ?? id, rewriteReferences(definition, names));
    }
    return rewriteReferences(schema, names);
  }
}

/** The schema with its references pointing to the components, under the names they have there. */
function rewriteReferences(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) => {
    if (key !== '$ref' || typeof value !== 'string') return value;
    const id = value.slice(value.lastIndexOf('/') + 1);
    return `#/components/schemas/${names.get(id) ?? id}`;
  });
}

interface OverrideContext {
  readonly jsonSchema: JsonSchema;
}

/** The bounds of safe integers say nothing that "integer" does not. */
function simplifySchema({ jsonSchema }: OverrideContext): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  delete jsonSchema.id;
}

function allowAdditionalProperties(written: OverrideContext): void {
  simplifySchema(written);
  if (written.jsonSchema.additionalProperties === false) delete written.jsonSchema.additionalProperties;
}
