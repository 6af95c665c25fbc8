import type { Migration } from './migration.ts';

/** Templates. */
export const templatesSchema: Migration = {
  name: 'templates',
  sql: `
create table templates (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  by_role text collate "C" not null,
  by_active_for text collate "C" not null,
  order_created_at double precision not null,
  order_updated_at double precision not null,
  order_name bytea not null
);
create index on templates (order_created_at, id);
create index on templates (order_updated_at, id);
create index on templates (order_name, id);
create index on templates (by_role, order_created_at, id);
create index on templates (by_role, order_updated_at, id);
create index on templates (by_role, order_name, id);
create index on templates (by_active_for, order_created_at, id);
`,
};
