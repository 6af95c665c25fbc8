import { z } from 'zod';

/** The schema without the wrappers that make it optional, required, nullable, defaulted or transformed. */
export function unwrapSchema(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodNullable
  )
    return unwrapSchema(schema.unwrap());
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return unwrapSchema(schema.unwrap());
  if (schema instanceof z.ZodPipe)
    return unwrapSchema(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  return schema;
}
