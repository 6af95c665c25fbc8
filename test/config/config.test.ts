import { describe, expect, it } from 'vitest';
import { ConfigError, type Environment, isLoopback, readConfig } from '../../src/config/config.ts';
import { settingMeta, settingNames } from '../../src/config/settings.ts';

const read = (env: Environment) => readConfig(env, '/srv/here', '/home/ada');

function errorsOf(env: Environment): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
}

describe('[CF1] without any variable', () => {
  it('every setting has its default, and the server is for this machine only', () => {
    expect(read({})).toEqual({
      HOST: '127.0.0.1',
      PORT: 3000,
      TRUST_PROXY: 0,
      SHUTDOWN_TIMEOUT: 10,
      AUTH: 'on',
      ALLOWED_HOSTS: [],
      CORS_ENABLED: true,
      CORS_ORIGINS: [],
      CORS_CREDENTIALS: false,
      RATE_LIMIT_READS: 200,
      RATE_LIMIT_WRITES: 200,
      RATE_LIMIT_BURST: 1000,
      LIST_DEFAULT_LIMIT: 200,
      LIST_MAX_LIMIT: 1000,
      SOCKETS: 5000,
      SOCKETS_PER_SUBJECT: 20,
      SOCKET_SUBSCRIPTIONS: 100,
      SOCKET_COMMANDS: 20,
      SOCKET_OUT_BUFFER: 1_048_576,
      DATA_DIR: '/home/ada/.maestro/data',
      DATABASE_TYPE: 'filesystem',
      DATABASE_POOL_SIZE: 10,
      STORE_ALLOW_NETWORK_FS: false,
      STORE_CHECKPOINT_INTERVAL: 30,
      EVENT_RETENTION_COUNT: 50_000,
      EVENT_RETENTION_DAYS: 7,
      SESSION_DIR: '/home/ada/.maestro/sessions',
      SKILLS_DIR: '/home/ada/.claude/skills',
      MAESTRO_CLI_PATH: 'maestro',
      MANIFEST_TIMEOUT: 10,
      START_TIMEOUT: 120,
      STALE_TIMEOUT: 900,
      AGENT_TOKEN_LIFETIME: 86_400,
      AGENT_TOKEN_GRACE: 900,
      MANIFEST_GENERATOR: 'server',
      LOG_LEVEL: 'info',
      DEBUG: false,
      NODE_ENV: 'development',
    });
  });

  it('an empty variable counts as missing', () => {
    const empty = Object.fromEntries(settingNames.map((name) => [name, '']));
    expect(read(empty)).toEqual(read({}));
  });

  it('the configuration is frozen', () => {
    expect(Object.isFrozen(read({}))).toBe(true);
  });
});

describe('[CF2] an invalid variable', () => {
  const invalid: Environment = {
    HOST: 'http://here',
    PORT: 'abc',
    SERVER_URL: 'ftp://files',
    TRUST_PROXY: '-1',
    SHUTDOWN_TIMEOUT: '1.5',
    AUTH: 'no',
    AUTH_SECRET: 'short',
    AUTH_SECRET_FILE: '~bob/secret',
    ALLOWED_HOSTS: 'fine,not fine',
    CORS_ENABLED: 'perhaps',
    CORS_ORIGINS: 'http://a.example/path',
    CORS_CREDENTIALS: '2',
    RATE_LIMIT_READS: '1e3',
    RATE_LIMIT_WRITES: 'many',
    RATE_LIMIT_BURST: '0',
    LIST_DEFAULT_LIMIT: '0',
    LIST_MAX_LIMIT: ' 5',
    SOCKETS: '0',
    SOCKETS_PER_SUBJECT: '-1',
    SOCKET_SUBSCRIPTIONS: 'all',
    SOCKET_COMMANDS: '0',
    SOCKET_OUT_BUFFER: '1024',
    DATA_DIR: '~bob',
    DATABASE_TYPE: 'mysql',
    DATABASE_URL: 'not a url PW',
    DATABASE_DIRECT_URL: 'db.example',
    DATABASE_POOL_SIZE: '0',
    STORE_ALLOW_NETWORK_FS: 'maybe',
    STORE_CHECKPOINT_INTERVAL: '0',
    EVENT_RETENTION_COUNT: '0',
    EVENT_RETENTION_DAYS: '0x10',
    SESSION_DIR: '~bob',
    SKILLS_DIR: '~bob',
    MAESTRO_CLI_PATH: '~bob',
    MANIFEST_TIMEOUT: '0',
    START_TIMEOUT: '0',
    STALE_TIMEOUT: '-1',
    AGENT_TOKEN_LIFETIME: '1',
    AGENT_TOKEN_GRACE: 'long',
    MANIFEST_GENERATOR: 'me',
    LOG_LEVEL: 'loud',
    LOG_FORMAT: 'xml',
    LOG_FILE: '~bob',
    DEBUG: 'express:*',
    NODE_ENV: 'staging',
  };

  it('is reported by name, with its value and what is allowed, together with all others', () => {
    const errors = errorsOf(invalid);
    expect(errors.map((error) => error.split(' ')[0])).toEqual(settingNames);
    for (const [index, name] of settingNames.entries()) {
      expect(errors[index]).toContain(settingMeta(name).allowed);
      if (!settingMeta(name).secret) expect(errors[index]).toContain(`"${invalid[name]}"`);
    }
  });

  it.each(['65536', '-0', '+1', '3000 ', '0x10', '1e3', '3000.0', '٣'])(
    'is PORT=%j, as only whole numbers in digits are read',
    (PORT) => {
      expect(errorsOf({ PORT })).toEqual([`PORT is "${PORT}": it must be a whole number from 0 to 65535.`]);
    },
  );
});

describe('[CF3] a secret', () => {
  it('is not in an error, whether it is too short, unreadable or not used', () => {
    const password = 'PASSWORD-0123456789-0123456789-0123';
    const errors = [
      ...errorsOf({ AUTH_SECRET: 'PASSWORD' }),
      ...errorsOf({ AUTH_SECRET: password, AUTH_SECRET_FILE: '/secret' }),
      ...errorsOf({ DATABASE_URL: 'not a url PASSWORD' }),
      ...errorsOf({ DATABASE_URL: 'postgres://me:PASSWORD@db/maestro' }),
    ];
    expect(errors).toHaveLength(4);
    expect(errors.join()).not.toContain('PASSWORD');
  });
});

describe('[CF4] a path', () => {
  it.each([
    ['~/files', '/home/ada/files'],
    ['~', '/home/ada'],
    ['./files', '/srv/here/files'],
    ['files/..', '/srv/here'],
    ['/files/', '/files'],
  ])('%s becomes %s', (given, path) => {
    const { DATA_DIR, SESSION_DIR, LOG_FILE } = read({
      DATA_DIR: given,
      SESSION_DIR: given,
      LOG_FILE: given,
    });
    expect([DATA_DIR, SESSION_DIR, LOG_FILE]).toEqual([path, path, path]);
  });

  it('of a program stays as it is when it is a bare name', () => {
    expect(read({ MAESTRO_CLI_PATH: 'maestro-2' }).MAESTRO_CLI_PATH).toBe('maestro-2');
    expect(read({ MAESTRO_CLI_PATH: './bin/maestro' }).MAESTRO_CLI_PATH).toMatch(/^\/.*\/bin\/maestro$/);
  });
});

describe('[CF5] settings that contradict each other', () => {
  it('AUTH=off on an address others reach is refused', () => {
    expect(errorsOf({ AUTH: 'off', HOST: '0.0.0.0' })[0]).toMatch(/^AUTH is off and HOST is "0.0.0.0"/);
    expect(errorsOf({ AUTH: 'off', HOST: '127.evil.example' })).toHaveLength(1);
    expect(errorsOf({ AUTH: 'off', HOST: '::1' })).toEqual([]);
  });

  it('two secrets, and a default limit above the highest, are refused together', () => {
    const secrets = { AUTH_SECRET: 'x'.repeat(32), AUTH_SECRET_FILE: '/secret' };
    expect(errorsOf({ ...secrets, LIST_DEFAULT_LIMIT: '50', LIST_MAX_LIMIT: '49' })).toEqual([
      'AUTH_SECRET and AUTH_SECRET_FILE are both given: leave one out.',
      'LIST_DEFAULT_LIMIT is 50, which is more than LIST_MAX_LIMIT allows, 49.',
    ]);
  });

  it('are reported together with settings that cannot be read', () => {
    expect(errorsOf({ PORT: 'x', LIST_DEFAULT_LIMIT: '1001' }).map((error) => error.split(' ')[0])).toEqual([
      'PORT',
      'LIST_DEFAULT_LIMIT',
    ]);
  });
});

describe('[CF6] a setting that this version does not support is refused', () => {
  it('CORS for every page', () => {
    expect(errorsOf({ CORS_ORIGINS: '*' })[0]).toMatch(/^CORS_ORIGINS is "\*": any web page/);
  });

  it.each([
    'null',
    'http://a.example/',
    'http://A.example',
    'http://a.example:80',
    'a.example',
    'http://*.a.example',
  ])('the inexact origin %s', (origin) => {
    expect(errorsOf({ CORS_ORIGINS: `http://fine.example,${origin}` })).toHaveLength(1);
  });

  it('but exact ones are accepted, also with other schemes', () => {
    const { CORS_ORIGINS } = read({ CORS_ORIGINS: 'http://localhost:5173, tauri://localhost' });
    expect(CORS_ORIGINS).toEqual(['http://localhost:5173', 'tauri://localhost']);
  });
});

describe('[CF7] the base URL', () => {
  it('keeps its path, but not a trailing slash', () => {
    expect(read({ SERVER_URL: 'https://board.example/maestro/' }).SERVER_URL).toBe(
      'https://board.example/maestro',
    );
    expect(read({ SERVER_URL: 'http://board.example' }).SERVER_URL).toBe('http://board.example');
  });

  it.each(['http://me@board', 'http://me:pw@board', 'http://board?x', 'http://board#x', 'board:80'])(
    'is refused as %s',
    (SERVER_URL) => {
      expect(errorsOf({ SERVER_URL })).toHaveLength(1);
    },
  );
});

describe('[CF8] loopback', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost', '::ffff:127.0.0.1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '128.0.0.1', '127.evil.example', 'localhost.example', '::ffff:10.0.0.1'])(
    'is not %s',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
