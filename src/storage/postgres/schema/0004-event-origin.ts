import type { Migration } from './migration.ts';

/** Which connection wrote an event, to find it again when the answer to its commit was lost; and how old a stream is. */
export const eventOriginSchema: Migration = {
  name: 'origins of events',
  sql: `
alter table events add column connection uuid;
alter table streams add column oldest_at bigint;
`,
};
