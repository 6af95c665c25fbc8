import { createHash } from 'node:crypto';
import { initialSchema } from './0001-initial.ts';
import { templatesSchema } from './0002-templates.ts';
import { ticketsSchema } from './0003-tickets.ts';
import { eventOriginSchema } from './0004-event-origin.ts';
import { sessionsNeedingInputSchema } from './0005-needs-input.ts';
import type { Migration } from './migration.ts';

/** Every migration from an empty database to the present schema; its version is its position, from 1. */
export const migrations: readonly Migration[] = [
  initialSchema,
  templatesSchema,
  ticketsSchema,
  eventOriginSchema,
  sessionsNeedingInputSchema,
];

/** The checksum that is stored when a migration is applied, to detect that it was changed later. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
