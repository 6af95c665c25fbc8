import { z } from 'zod';

/** A schema in JSON Schema. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The dialect of JSON Schema: OpenAPI 3.1 takes 2020-12, AsyncAPI 3 takes draft 7. */
export type JsonSchemaDialect = 'draft-2020-12' | 'draft-7';

/** Converts schemas to JSON Schema; those with an id become components that the others refer to. */
export class SchemaRegistry {
  readonly #dialect: JsonSchemaDialect;
  readonly #components = new Map<string, JsonSchema>();

  constructor(dialect: JsonSchemaDialect) {
    this.#dialect = dialect;
  }

  /** The schemas that have an id, by their names among the components. */
  get components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The schema of what clients receive. It allows additional properties, since answers may get new fields. */
  output(schema: z.ZodType): JsonSchema {
    return this.#convert(schema, 'output', allowAdditionalProperties, '');
  }

  /** The schema of what clients send. A component that differs from the one they receive gets a second name. */
  input(schema: z.ZodType): JsonSchema {
    return this.#convert(schema, 'input', simplifySchema, 'Input');
  }

  /** Adds a converted schema to the components under this name, unless it is one of them already; returns a reference to it. */
  addComponent(name: string, converted: JsonSchema): JsonSchema {
    if (converted.$ref !== undefined) return converted;
    this.#components.set(name, converted);
    return { $ref: referenceTo(name) };
  }

  /** The schema of a query parameter: that of the parsed value if its text is parsed, else that of the text. */
  parameter(schema: z.ZodType): JsonSchema {
    const bare = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    const { description: _, ...rest } = bare instanceof z.ZodPipe ? this.output(schema) : this.input(schema);
    return rest;
  }

  #convert(
    source: z.ZodType,
    io: 'input' | 'output',
    override: (context: OverrideContext) => void,
    suffix: string,
  ): JsonSchema {
    const { $schema: _, ...converted }: ConvertedSchema = z.toJSONSchema(source, {
      target: this.#dialect,
      io,
      unrepresentable: 'any',
      override,
    });
    // Draft 7 names them `definitions`.
    const { $defs, definitions, ...schema } = converted;
    const components = { ...$defs, ...definitions };
    const names = new Map<string, string>();
    const differing = () =>
      Object.entries(components).find(([id, definition]) => {
        const known = names.has(id) ? undefined : this.#components.get(id);
        return (
          known !== undefined &&
          JSON.stringify(known) !== JSON.stringify(rewriteReferences(definition, names))
        );
      });
    // A component that refers to another by its second name differs for that reason, and gets a second name too.
    for (let next = differing(); next !== undefined; next = differing()) names.set(next[0], next[0] + suffix);
    for (const [id, definition] of Object.entries(components)) {
      this.#components.set(names.get(id) ?? id, rewriteReferences(definition, names));
    }
    return rewriteReferences(schema, names);
  }
}

/** The schema with references to the components by the names they have there. */
function rewriteReferences(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) => {
    if (key !== '$ref' || typeof value !== 'string') return value;
    const id = value.slice(value.lastIndexOf('/') + 1);
    return referenceTo(names.get(id) ?? id);
  });
}

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`;
}

interface ConvertedSchema extends JsonSchema {
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

interface OverrideContext {
  readonly jsonSchema: JsonSchema;
}

/** Removes the bounds of safe integers, which "integer" implies, and ids. */
function simplifySchema({ jsonSchema }: OverrideContext): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  delete jsonSchema.id;
}

function allowAdditionalProperties(context: OverrideContext): void {
  simplifySchema(context);
  if (context.jsonSchema.additionalProperties === false) delete context.jsonSchema.additionalProperties;
}
