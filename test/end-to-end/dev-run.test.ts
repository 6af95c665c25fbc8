import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { repositoryRoot } from '../guards/source-file.ts';
import { copyProgram } from '../support/programs/console-steps.ts';
import { bearerHeader, startProgram } from '../support/programs/program.ts';
import { createTempFolder } from '../support/stores/temp-folder.ts';

const script = 'test/runs/dev/run-dev.mjs';

/** Starts `npm run dev` in a copy of the repository, and waits for its first server. */
async function startDev(...flags: readonly string[]) {
  const [folder, home] = [await createTempFolder(), await createTempFolder()];
  await copyProgram(folder);
  await cp(join(repositoryRoot, script), join(folder, script), { recursive: true });
  const env = { TMPDIR: home, DATABASE_TYPE: 'filesystem' };
  const dev = await startProgram(flags, { home, env, script: join(folder, script) });
  // What it has started ends with it only when it is asked to end.
  onTestFinished(async () => {
    dev.process.kill('SIGTERM');
    await dev.exited;
  });
  let seen = 0;
  /** Resolves with the groups of the next match, after those that were waited for before. */
  const next = async (pattern: RegExp) => {
    const source = `^[\\s\\S]{${seen}}[\\s\\S]*?${pattern.source}`;
    const found = await dev.waitForOutput(new RegExp(source));
    seen = found[0].length;
    return found.slice(1);
  };
  const ready = async () => (await next(/INFO +ready .*?url=(\S+)/))[0] ?? '';
  const edit = async (path: string, change: (text: string) => string) => {
    const file = join(folder, path);
    await writeFile(file, change(await readFile(file, 'utf8')));
  };
  return { dev, next, ready, edit };
}

describe('[AR19] npm run dev', () => {
  it('serves the example backlog, follows each change that compiles, and throws its data away', async () => {
    const { dev, next, ready, edit } = await startDev();
    const [dataDir = ''] = await next(/data in (\S+), thrown away at the end/);
    await next(/40 created/);
    const first = await ready();
    const token = (await readFile(join(dataDir, 'auth/admin-token'), 'utf8')).trim();
    const projects = async (url: string) => {
      const answer = await fetch(`${url}/api/projects`, { headers: bearerHeader(token) });
      return ((await answer.json()) as { name: string }[]).map(({ name }) => name);
    };
    const title = async (url: string) => (await (await fetch(`${url}/llms.txt`)).text()).split('\n')[0];
    expect(await projects(first)).toEqual(['Tidepool']);
    expect(await title(first)).toBe('# Maestro Server');

    await edit('src/api/llms-text.ts', (text) => text.replace('# Maestro Server', '# Edited server'));
    const second = await ready();
    expect(await title(second)).toBe('# Edited server');
    expect(await projects(second)).toEqual(['Tidepool']);

    await edit('src/api/llms-text.ts', (text) => `${text}\nconst wrong: number = 'text';\n`);
    await next(/1 of these to correct/);
    expect(await title(second)).toBe('# Edited server');

    dev.process.kill('SIGINT');
    expect(await dev.exited).toBe(0);
    await expect(fetch(second)).rejects.toThrow('fetch failed');
    expect(existsSync(dataDir)).toBe(false);
  });

  it('keeps the data folder that it is given, and reports the exit code of a server', async () => {
    const dataDir = await createTempFolder();
    const { dev, next, ready, edit } = await startDev('--data-dir', dataDir);
    await next(/kept at the end/);
    await ready();
    await edit('src/app.ts', (text) =>
      text.replace('const started = new', "throw new Error('Broken.');\n  const started = new"),
    );
    await next(/the server ended with 1; it starts again after the next change/);
    dev.process.kill('SIGTERM');
    expect(await dev.exited).toBe(0);
    expect(existsSync(join(dataDir, 'store.json'))).toBe(true);
  });
});
