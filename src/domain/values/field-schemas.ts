import { z } from 'zod';

/** An instant as integer epoch milliseconds. */
export const instantSchema = z
  .int()
  .min(0)
  .max(8_640_000_000_000_000)
  .meta({ description: 'Epoch milliseconds.' });

/** The version of an entity: 1 at first, and one more with every change. The store sets it; clients see it as `ETag`. */
export const versionSchema = z
  .int()
  .min(1)
  .meta({ description: 'Counts the changes of this entity from 1.' });

/** A JSON object with keys of the client's choice. HTTP limits its depth and refuses prototype keys. */
export const jsonObjectSchema = z.record(z.string().max(256), z.unknown());
