import { expect, it } from 'vitest';
import { ConfigError, type Environment, readConfig } from '../../src/config/config.ts';

const shared = { DATABASE_TYPE: 'postgres', DATABASE_URL: 'postgres://db/maestro', HOST: '0.0.0.0' };

function errorsOf(env: Environment): readonly string[] {
  try {
    readConfig(env, '/srv/here', '/home/ada');
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
}

it('[CF5] refuses a shared database without a shared secret', () => {
  expect(errorsOf(shared)).toEqual([expect.stringMatching(/AUTH_SECRET/)]);
  expect(errorsOf({ ...shared, AUTH_SECRET_FILE: 'secret' })).toEqual([]);
  expect(errorsOf({ ...shared, HOST: '127.0.0.1' })).toEqual([]);
});

it('[CF6] refuses the URL of a database that is not used', () => {
  expect(errorsOf({ DATABASE_URL: shared.DATABASE_URL })).toEqual([
    expect.stringMatching(/^DATABASE_URL is given/),
  ]);
});

it('[CF90] refuses a database without an address, and names the setting', () => {
  const env = { DATABASE_TYPE: 'postgres' };
  expect(errorsOf(env)).toEqual([
    expect.stringMatching(/nothing says where the database is: set DATABASE_URL/),
  ]);
  expect(errorsOf({ ...env, PGHOST: 'db' })).toEqual([]);
  expect(errorsOf({ ...env, DATABASE_URL: 'mysql://db' })).toEqual([
    expect.stringMatching(/^DATABASE_URL is given/),
  ]);
});
