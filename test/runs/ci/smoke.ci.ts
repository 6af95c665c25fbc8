import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../guards/source-file.ts';
import { type BuiltServer, createServerHome, startBuiltServer } from '../../support/servers/built-server.ts';

describe('[AR15] the built server', () => {
  let home: Awaited<ReturnType<typeof createServerHome>>;
  let server: BuiltServer;
  beforeAll(async () => {
    home = await createServerHome();
    server = await startBuiltServer(home.path);
  });
  afterAll(async () => {
    await server?.kill();
    await home?.remove();
  });

  it('is healthy', async () => {
    expect(await server.send('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('describes itself in an OpenAPI document that an independent linter accepts', async () => {
    const document = join(home.path, 'openapi.json');
    const { status, body } = await server.send('GET', '/openapi.json');
    expect(status).toBe(200);
    await writeFile(document, JSON.stringify(body));
    await promisify(execFile)('npm', ['run', '--silent', 'lint:openapi', '--', document], {
      cwd: repositoryRoot,
    });
  });

  it('stops when it is asked to, and leaves no file that says it runs', async () => {
    expect(await server.stop()).toBe(0);
    expect(existsSync(join(home.path, 'data/server-url'))).toBe(false);
  });
});
