import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  bearerHeader,
  createProgramHome,
  createProject,
  runProgram,
  startServer,
} from '../support/programs/program.ts';

async function statusOf(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/api/whoami`, { headers: bearerHeader(token) })).status;
}

describe('[PR22] a server that cannot start says so in one sentence, with exit code 1 and nothing changed', () => {
  it('when another server uses its folder', async () => {
    const { home, data } = await createProgramHome();
    const { process: child } = await startServer({ home });
    const before = await readdir(data, { recursive: true });
    const { code, out, err } = await runProgram([], { home });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toContain(data);
    expect(err).toContain(`${child.pid}`);
    expect(await readdir(data, { recursive: true })).toEqual(before);
  });
});

describe('[PR30] a command', () => {
  it('talks to the server that uses the folder', async () => {
    const { home, run } = await createProgramHome();
    const server = await startServer({ home });
    const { out } = await run('token create --role admin --subject ada --lifetime 1h');
    expect(await statusOf(server.url, out.trim())).toBe(200);
    expect((await run('token list')).out).toMatch(/ {2}admin {3}until .* {2}ada {2}\*\n/);
    expect(server.out()).toContain('"route":"/api/tokens"');
  });
});

describe('[PR30] a command that finds the folder in use', () => {
  it('and no word where the server is, says so', async () => {
    const { home, data, run } = await createProgramHome();
    await startServer({ home });
    await rm(join(data, 'server-url'));
    const { code, err } = await run('token list');
    expect([code, err]).toEqual([
      1,
      expect.stringContaining(`Another process uses ${data} and does not say at which URL`),
    ]);
  });
});

describe('[PR28] a store that fails', () => {
  it('ends the server with 1, and acknowledges nothing', async () => {
    const { home, data, token } = await createProgramHome();
    const { url, exited, out } = await startServer({ home });
    // So the next owner of the folder would announce itself.
    await writeFile(join(data, 'lock', 'term-00000002'), '');
    const refused = await createProject(url, await token(), 'Lost');
    expect(refused.status).toBe(503);
    expect(await exited).toBe(1);
    expect(out()).toMatch(/"level":"fatal".*"the store failed; stopping"/);
  });
});
