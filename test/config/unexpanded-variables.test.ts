import { expect, it } from 'vitest';
import { ConfigError, type Environment, readConfig } from '../../src/config/config.ts';

function errorsOf(env: Environment): readonly string[] {
  try {
    readConfig(env, '/srv/here', '/home/ada');
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
}

it('[CF91] a variable that nobody expands is named, rather than become a folder', () => {
  expect(
    errorsOf({ DATA_DIR: '$HOME/data', LOG_FILE: '/var/log/\u0024{USER}.log', SERVER_URL: 'http://$HOST:1' }),
  ).toEqual([
    expect.stringMatching(/^SERVER_URL is "http:\/\/\$HOST:1": \$HOST is not expanded/),
    expect.stringMatching(
      /^DATA_DIR is "\$HOME\/data": \$HOME is not expanded here; write out its value, or ~\//,
    ),
    expect.stringMatching(/^LOG_FILE is .*: \$\{USER\} is not expanded here; write out its value\.$/),
  ]);
});

it('[CF91] a secret may contain what looks like a variable', () => {
  const secret = 'a$HOME$HOME$HOME$HOME$HOME$HOME$HOME';
  expect(errorsOf({ AUTH_SECRET: secret })).toEqual([]);
  expect(errorsOf({ DATABASE_TYPE: 'postgres', DATABASE_URL: 'postgres://ada:pa$word@db/x' })).toEqual([]);
  expect(errorsOf({ DATA_DIR: '/data/5$' })).toEqual([]);
});
