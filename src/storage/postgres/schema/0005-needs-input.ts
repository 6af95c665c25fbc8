import type { Migration } from './migration.ts';

/** Finds the sessions that wait for a person. */
export const sessionsNeedingInputSchema: Migration = {
  name: 'sessions that need input',
  sql: `
alter table sessions add column by_needs_input text collate "C";
update sessions set by_needs_input =
  case when doc -> 'needsInput' ->> 'active' = 'true' then '"true"' else '"false"' end;
alter table sessions alter column by_needs_input set not null;
create index on sessions (by_needs_input, order_created_at, id);
create index on sessions (by_project_id, by_needs_input, order_created_at, id);
`,
};
