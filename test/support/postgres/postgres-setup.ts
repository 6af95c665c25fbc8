import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import { startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where tests may create databases. */
    postgresUrl: string;
    /** A database there with the present schema; the databases of this run are named after it, and go with it. */
    postgresTemplate: string;
  }
}

/** Provides the run with a PostgreSQL: that of TEST_DATABASE_URL, or one of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL || undefined;
  const own = given === undefined ? await startPostgres() : undefined;
  const url = given ?? own?.url ?? '';
  const template = `test_${randomBytes(6).toString('hex')}`;
  const texts = `encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`;
  await withClient(url, (client) => client.query(`create database ${template} template template0 ${texts}`));
  const there = new URL(url);
  there.pathname = `/${template}`;
  const retention = { events: 1, ageMs: 1 };
  await (await openPostgresStore({ url: there.href, retention, poolWaitMs: 30_000 })).close();
  project.provide('postgresUrl', url);
  project.provide('postgresTemplate', template);
  return async () => {
    if (own !== undefined) return own.stop();
    await withClient(url, async (client) => {
      const made = await client.query<{ datname: string }>(
        `select datname from pg_database where starts_with(datname, '${template}')`,
      );
      for (const { datname } of made.rows)
        await client.query(`drop database if exists ${datname} with (force)`);
    });
  };
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
