import type { Migration } from './migrations.ts';

/** Which connection wrote an event, to be found again when the answer to its commit was lost. */
export const eventConnectionSchema: Migration = {
  name: 'connections of events',
  sql: 'alter table events add column connection uuid;',
};
