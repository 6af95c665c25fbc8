import { describe, expect, it } from 'vitest';
import { settingFlags, withFlags } from '../../../src/cli/command/setting-flags.ts';
import { settingNames } from '../../../src/config/settings.ts';

describe('[PR12] settings as flags', () => {
  it('are all there but the secrets', () => {
    const names = Object.keys(settingFlags).map((flag) => flag.toUpperCase().replaceAll('-', '_'));
    expect(settingNames.filter((name) => !names.includes(name))).toEqual([
      'AUTH_SECRET',
      'DATABASE_URL',
      'DATABASE_DIRECT_URL',
    ]);
  });

  it('win over the environment', () => {
    const env = { PORT: '1', HOST: '::1', PATH: '/bin' };
    const flags = { port: '2', 'data-dir': '/data', 'print-config': true, host: undefined };
    expect(withFlags(env, flags)).toEqual({ PORT: '2', HOST: '::1', PATH: '/bin', DATA_DIR: '/data' });
  });
});
