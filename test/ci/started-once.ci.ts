import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { top } from '../architecture/source-file.ts';
import { type BuiltServer, startBuiltServer } from './built-server.ts';

describe('[AR15] the built server', () => {
  let server: BuiltServer;
  beforeAll(async () => {
    server = await startBuiltServer();
  });
  afterAll(() => server?.remove());

  it('is healthy', async () => {
    const health = await (await server.call('GET', '/health')).json();
    expect(health).toMatchObject({ status: 'ok' });
  });

  it('describes itself in an OpenAPI document that an independent linter accepts', async () => {
    const file = join(server.dataDir, 'openapi.json');
    await writeFile(file, await (await server.call('GET', '/openapi.json')).text());
    const redocly = join(top, 'node_modules/@redocly/cli/bin/cli.js');
    await promisify(execFile)(process.execPath, [redocly, 'lint', '--extends=minimal', file]);
  });

  it('stops when it is told to, with nothing left behind that says it runs', async () => {
    expect(await server.stop()).toBe(0);
    expect(existsSync(join(server.dataDir, 'server-url'))).toBe(false);
  });
});
