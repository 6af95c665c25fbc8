import type { Migration } from './migration.ts';

/** The first schema: a table for each kind of entity, the logs, the streams and their events. */
export const initialSchema: Migration = {
  name: 'first schema',
  sql: `
create table projects (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  by_project_id text collate "C" not null,
  by_name text collate "C" not null,
  order_created_at double precision not null,
  order_updated_at double precision not null,
  order_name bytea not null
);
create index on projects (order_created_at, id);
create index on projects (order_updated_at, id);
create index on projects (order_name, id);
create index on projects (by_project_id, order_created_at, id);
create index on projects (by_project_id, order_updated_at, id);
create index on projects (by_project_id, order_name, id);
create index on projects (by_name, order_created_at, id);

create table tasks (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  by_project_id text collate "C" not null,
  by_status text collate "C" not null,
  by_parent_id text collate "C" not null,
  by_priority text collate "C" not null,
  by_label text[] collate "C" not null,
  by_external_id text collate "C" not null,
  by_session_id text[] collate "C" not null,
  by_dependency text[] collate "C" not null,
  by_reference text[] collate "C" not null,
  order_created_at double precision not null,
  order_updated_at double precision not null,
  order_title bytea not null,
  order_priority double precision not null
);
create index on tasks (order_created_at, id);
create index on tasks (order_updated_at, id);
create index on tasks (order_title, id);
create index on tasks (order_priority, id);
create index on tasks (by_project_id, order_created_at, id);
create index on tasks (by_project_id, order_updated_at, id);
create index on tasks (by_project_id, order_title, id);
create index on tasks (by_project_id, order_priority, id);
create index on tasks (by_status, order_created_at, id);
create index on tasks (by_parent_id, order_created_at, id);
create index on tasks (by_project_id, by_status, order_created_at, id);
create index on tasks (by_project_id, by_parent_id, order_created_at, id);
create index on tasks (by_project_id, by_parent_id, by_status, order_created_at, id);
create index on tasks (by_project_id, by_priority, order_created_at, id);
create index on tasks (by_project_id, by_priority, by_status, order_created_at, id);
create index on tasks using gin (by_label);
create index on tasks (by_project_id, by_external_id, order_created_at, id);
create index on tasks using gin (by_session_id);
create index on tasks using gin (by_dependency);
create index on tasks using gin (by_reference);

create table sessions (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  by_project_id text collate "C" not null,
  by_task_id text[] collate "C" not null,
  by_status text collate "C" not null,
  by_id_ignoring_case text collate "C" not null,
  order_created_at double precision not null,
  order_updated_at double precision not null,
  order_name bytea not null
);
create index on sessions (order_created_at, id);
create index on sessions (order_updated_at, id);
create index on sessions (order_name, id);
create index on sessions (by_project_id, order_created_at, id);
create index on sessions (by_project_id, order_updated_at, id);
create index on sessions (by_project_id, order_name, id);
create index on sessions using gin (by_task_id);
create index on sessions (by_status, order_created_at, id);
create index on sessions (by_project_id, by_status, order_created_at, id);
create index on sessions (by_id_ignoring_case, order_created_at, id);

create table queues (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  by_project_id text collate "C" not null,
  by_task_id text[] collate "C" not null,
  order_created_at double precision not null
) with (fillfactor = 70);
create index on queues (order_created_at, id);
create index on queues (by_project_id, order_created_at, id);
create index on queues using gin (by_task_id);

create table documents (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  by_project_id text collate "C" not null,
  by_session_id text collate "C" not null,
  by_task_id text collate "C" not null,
  by_log text collate "C" not null,
  order_created_at double precision not null
);
create index on documents (order_created_at, id);
create index on documents (by_project_id, order_created_at, id);
create index on documents (by_session_id, order_created_at, id);
create index on documents (by_task_id, order_created_at, id);
create index on documents (by_session_id, by_task_id, order_created_at, id);
create index on documents (by_log, order_created_at, id);

create table tokens (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  by_session_id text collate "C" not null,
  order_created_at double precision not null,
  order_expires_at double precision not null
);
create index on tokens (order_created_at, id);
create index on tokens (order_expires_at, id);
create index on tokens (by_session_id, order_created_at, id);
create index on tokens (by_session_id, order_expires_at, id);

create table attempts (
  id text collate "C" primary key,
  version bigint not null,
  doc json not null,
  order_created_at double precision not null
);
create index on attempts (order_created_at, id);

create table log_entries (
  log text collate "C" not null,
  id text collate "C" not null,
  n bigint not null,
  entry json not null,
  primary key (log, id, n)
);

create table streams (
  stream text collate "C" primary key,
  seq bigint not null default 0,
  pruned_to bigint not null default 0
) with (fillfactor = 50);

create table events (
  stream text collate "C" not null,
  seq bigint not null,
  name text not null,
  data json not null,
  at bigint not null,
  actor text not null,
  tx xid8 not null default pg_current_xact_id(),
  primary key (stream, seq)
);
create index on events (tx);

create table commits (
  connection uuid primary key,
  n bigint not null,
  at timestamptz not null default now()
) with (fillfactor = 50);

create table history (
  only_one boolean primary key default true check (only_one),
  seed uuid not null default gen_random_uuid(),
  system text
);
insert into history default values;
`,
};
