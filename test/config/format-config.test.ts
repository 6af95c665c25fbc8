import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Environment, readConfig } from '../../src/config/config.ts';
import { formatConfig } from '../../src/config/format-config.ts';

const read = (env: Environment) => readConfig(env, '/srv/here', '/home/ada');

describe('the printed configuration', () => {
  it('[CF3] masks secrets', () => {
    const printed = formatConfig(read({ AUTH_SECRET: 'PASSWORD-0123456789-0123456789-0123' }));
    expect(printed).toContain('AUTH_SECRET=********\n');
    expect(printed).not.toContain('PASSWORD');
  });

  it('[CF9] gives the same configuration when it is read again', () => {
    const config = read({
      CORS_ORIGINS: 'http://a.example,http://b.example',
      DEBUG: 'yes',
      LOG_FILE: 'x.log',
    });
    expect(readConfig(parseEnv(formatConfig(config)), '/', '/')).toEqual(config);
  });
});
