import { mkdir, readdir, readFile, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startApp } from '../src/app.ts';
import { type Environment, readConfig } from '../src/config/config.ts';
import { openLog } from '../src/system/process/log.ts';
import { storeSettings, usesPostgres } from './support/stores/configured-store.ts';
import { createTempFolder } from './support/stores/temp-folder.ts';

async function openPlace() {
  const folder = await createTempFolder();
  const data = join(folder, 'data');
  const { log } = openLog({ level: 'warn', format: 'json', target: join(folder, 'log') });
  return {
    data,
    start: async (env: Environment = {}) => {
      const settings = { DATA_DIR: data, PORT: '0', ...(await storeSettings(folder)), ...env };
      return startApp(readConfig(settings, folder, folder), log);
    },
  };
}

describe('[PR29] a start that fails half way', () => {
  it('leaves the port and the folder free', async () => {
    const { data, start } = await openPlace();
    await mkdir(join(data, 'auth'), { recursive: true });
    await writeFile(join(data, 'auth', 'secret'), 'short');
    const app = await start({ AUTH_SECRET: 'x'.repeat(32) });
    const { port } = new URL(app.url);
    await app.stop();
    await expect(start({ PORT: port })).rejects.toThrow(/secret holds 5 bytes/);
    const again = await start({ PORT: port, AUTH_SECRET: 'x'.repeat(32) });
    expect(new URL(again.url).port).toBe(port);
    await again.stop();
  });
});

describe('[PR1] a running server', () => {
  it('is stopped once, however often that is asked', async () => {
    const { data, start } = await openPlace();
    const app = await start();
    expect(await readdir(data)).toContain('server-url');
    await Promise.all([app.stop(), app.stop()]);
    await app.stop();
    await expect(fetch(app.url)).rejects.toThrow();
    expect(await readdir(data)).not.toContain('server-url');
  });
});

describe('[PR6] the URL of a server', () => {
  it('is the one that was given, and its host is answered for', async () => {
    const { start } = await openPlace();
    const app = await start({ SERVER_URL: 'https://board.example/maestro', ALLOWED_HOSTS: 'board.internal' });
    expect(app.url).toBe('https://board.example/maestro');
    await app.stop();
  });
});

it.skipIf(usesPostgres)(
  '[JS13] the entity files follow a change while the server runs, as soon as STORE_CHECKPOINT_INTERVAL says',
  async () => {
    const { data, start } = await openPlace();
    const app = await start({ AUTH: 'off', STORE_CHECKPOINT_INTERVAL: '1' });
    await mkdir(join(data, 'projects'), { recursive: true });
    const written = nextEntityFile(join(data, 'projects'));
    await fetch(`${app.url}/api/projects`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Sky' }),
    });
    const text = await readFile(join(data, 'projects', await written), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ name: 'Sky', version: 1 });
    await app.stop();
  },
);

/** The name of the next entity file that is written in the folder. */
async function nextEntityFile(folder: string): Promise<string> {
  for await (const { filename } of watch(folder)) if (filename?.endsWith('.json')) return filename;
  throw new Error(`Nothing was written in ${folder}.`);
}
