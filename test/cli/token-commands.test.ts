import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bearerHeader, createProgramHome, startServer } from '../support/programs/program.ts';

async function statusOf(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/api/whoami`, { headers: bearerHeader(token) })).status;
}

/** A server of another kind, and what it was asked. */
async function openForeignServer() {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url} ${req.headers.authorization}`);
    res.end('<html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('[PR30] a command', () => {
  it('opens the folder itself when no server uses it, and leaves it free', async () => {
    const { home, data, run } = await createProgramHome();
    const { code, out, err } = await run('token create --role viewer --projects *');
    expect([code, err]).toEqual([0, expect.stringMatching(/^Token tok_\w+ is good until /)]);
    expect(await readdir(data)).not.toContain('server-url');
    const { url } = await startServer({ home });
    expect(await statusOf(url, out.trim())).toBe(200);
  });

  it('is not misled by what a server that was killed has left', async () => {
    const { home, run } = await createProgramHome();
    const server = await startServer({ home });
    server.process.kill('SIGKILL');
    await server.exited;
    expect(await run('token list')).toMatchObject({ code: 0 });
  });

  it('tells no other program the token, though server-url names it', async () => {
    const { data, run } = await createProgramHome();
    const foreign = await openForeignServer();
    await mkdir(data, { recursive: true });
    await writeFile(join(data, 'server-url'), foreign.url);
    expect(await run('token list')).toMatchObject({ code: 0 });
    expect(foreign.asked).toEqual([]);
  });
});

describe('[PR31] --server', () => {
  it('names the server, and MAESTRO_TOKEN the credential', async () => {
    const { home } = await createProgramHome();
    const { url } = await startServer({ home });
    const token = (await readFile(join(home, '.maestro/data/auth/admin-token'), 'utf8')).trim();
    const elsewhere = await createProgramHome();
    const listed = await elsewhere.run(`token list --json --server ${url}/`, { MAESTRO_TOKEN: token });
    expect(JSON.parse(listed.out)).toMatchObject({ subject: 'admin', role: 'admin' });
    expect(await readdir(elsewhere.home)).toEqual([]);
    const refused = await elsewhere.run(`token list --server ${url}`);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('answered 401: This needs a token'),
    ]);
  });

  it('on another machine never gets the token of the folder', async () => {
    const { run } = await createProgramHome();
    await run('token list');
    const { code, err } = await run('token list --server http://board.example');
    expect([code, err]).toEqual([
      1,
      'For http://board.example, set MAESTRO_TOKEN to a token of that server.\n',
    ]);
  });

  it('where nothing, or nothing of ours, answers is one sentence', async () => {
    const { run } = await createProgramHome();
    const none = await run('token list --server http://127.0.0.1:1');
    expect(none).toMatchObject({ code: 1, err: 'No server answers at http://127.0.0.1:1.\n' });
    const foreign = await openForeignServer();
    const other = await run(`token list --server ${foreign.url}`);
    expect(other).toMatchObject({
      code: 1,
      err: `What answers at ${foreign.url} is not a Maestro server (status 200), or a proxy answered for it.\n`,
    });
    expect(await run('token list --server board')).toMatchObject({ code: 2 });
  });
});

describe('[AU5] a token that was revoked', () => {
  it('is refused at once, and after a restart', async () => {
    const { home, run } = await createProgramHome();
    const server = await startServer({ home });
    const created = JSON.parse((await run('token create --role admin --json')).out);
    expect(await statusOf(server.url, created.token)).toBe(200);
    expect(await run(`token revoke ${created.id}`)).toMatchObject({
      code: 0,
      err: `Token ${created.id} is revoked.\n`,
    });
    expect(await statusOf(server.url, created.token)).toBe(401);
    server.process.kill('SIGTERM');
    await server.exited;
    const again = await startServer({ home });
    expect(await statusOf(again.url, created.token)).toBe(401);
    expect((await run('token list')).out).toContain(`${created.id}  admin   revoked `);
    expect(await run('token revoke tok_none')).toMatchObject({ code: 1 });
  });
});
