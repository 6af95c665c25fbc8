import type { Migration } from './migration.ts';

/** Tickets for sockets. */
export const ticketsSchema: Migration = {
  name: 'tickets',
  sql: `
create table tickets (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  order_created_at double precision not null
);
create index on tickets (order_created_at, id);
`,
};
