import { describe, expect, it } from 'vitest';
import { greeting } from '../../src/cli/greeting.ts';
import { readConfig } from '../../src/config/config.ts';

const greet = (env: Record<string, string>) =>
  greeting(readConfig(env, '/', '/home/ada'), 'http://127.0.0.1:3000', '1.2.3');

describe('[PR13] the greeting', () => {
  it('tells in at most eight lines what runs, where, on which data, and how to get in', () => {
    const text = greet({});
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(8);
    expect(text).toContain('maestro-server 1.2.3 is ready at http://127.0.0.1:3000');
    expect(text).toContain('/home/ada/.maestro/data\n');
    expect(text).toContain('export MAESTRO_TOKEN=$(cat /home/ada/.maestro/data/auth/admin-token)');
    expect(text).toContain('curl -H "Authorization: Bearer $MAESTRO_TOKEN" http://127.0.0.1:3000/api/whoami');
  });

  it('can be pasted whatever the path', () => {
    expect(greet({ DATA_DIR: "/it's here" })).toContain("$(cat '/it'\\''s here/auth/admin-token')");
  });

  it('says when everyone may do everything', () => {
    const text = greet({ AUTH: 'off' });
    expect(text).toContain('AUTH=off');
    expect(text).not.toContain('token');
  });
});
