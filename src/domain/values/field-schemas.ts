import { z } from 'zod';

/** An instant as integer epoch milliseconds. */
export const instantSchema = z
  .int()
  .min(0)
  .max(8_640_000_000_000_000)
  .meta({ description: 'Epoch milliseconds.' });

/** Counts the changes of an entity from 1; the store sets it, and it is the entity's `ETag`. */
export const versionSchema = z
  .int()
  .min(1)
  .meta({ description: 'Counts the changes of this entity from 1.' });

/** A JSON object of the client's own; the boundary has bounded its depth and refused prototype keys. */
export const jsonObjectSchema = z.record(z.string().max(256), z.unknown());
