import { createHash } from 'node:crypto';
import { initialSchema } from './0001-initial.ts';
import { templatesSchema } from './0002-templates.ts';
import { ticketsSchema } from './0003-tickets.ts';
import { eventOriginSchema } from './0004-event-origin.ts';
import type { Migration } from './migration.ts';

/** Every step from an empty database to the present schema; the version of a step is its place, from 1. */
export const migrations: readonly Migration[] = [
  initialSchema,
  templatesSchema,
  ticketsSchema,
  eventOriginSchema,
];

/** What tells whether a step is the one that was taken. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
