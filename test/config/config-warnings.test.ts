import { describe, expect, it } from 'vitest';
import { type Environment, readConfig } from '../../src/config/config.ts';
import { clientVariables, configWarnings, providerVariables } from '../../src/config/config-warnings.ts';

const warnings = (env: Environment) => configWarnings(readConfig(env, '/', '/'), env);

describe('[CF10] a variable that is nearly a setting', () => {
  it.each([
    ['PROT', 'PORT'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['log_level', 'LOG_LEVEL'],
    ['MAESTRO_PORT', 'PORT'],
    ['MAESTRO_DATADIR', 'DATA_DIR'],
  ])('%s gets the suggestion %s', (given, meant) => {
    expect(warnings({ [given]: '1' })).toEqual([`${given} is not a setting; did you mean ${meant}?`]);
  });

  it('is not any other usual variable, nor one that clients read', () => {
    const others = [
      'PATH',
      'HOME',
      'HOSTNAME',
      'LANG',
      'TERM',
      'USER',
      'PWD',
      'SHLVL',
      'EDITOR',
      'TMPDIR',
      'COLORTERM',
    ];
    const env = Object.fromEntries(
      [...others, ...clientVariables, ...providerVariables].map((name) => [name, 'x']),
    );
    expect(warnings(env)).toEqual([]);
  });
});

describe('[CF11] a risky setting', () => {
  it('gives a warning when tokens cross a network unencrypted, unless TLS is in front', () => {
    expect(warnings({ HOST: '0.0.0.0' })[0]).toMatch(
      /^HOST is 0\.0\.0\.0 and SERVER_URL is not an https URL/,
    );
    expect(warnings({ HOST: '0.0.0.0', SERVER_URL: 'https://board.example' })).toEqual([]);
    expect(warnings({ HOST: '0.0.0.0', SERVER_URL: 'http://board.example' })).toHaveLength(1);
  });

  it('gives a warning when AUTH is off', () => {
    expect(warnings({ AUTH: 'off' })[0]).toMatch(/^AUTH is off/);
  });
});
