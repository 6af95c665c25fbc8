import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  bearerHeader,
  createProgramHome,
  createProject,
  runProgram,
  startProgram,
  startServer,
} from '../support/programs/program.ts';

describe('[PR20] a server', () => {
  it('is ready with one command and nothing else, for its owner only', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const { home, data, token } = await createProgramHome();
    const { url, process: child, exited } = await startServer({ home });
    expect(await readFile(join(data, 'server-url'), 'utf8')).toBe(url);
    const whoami = await fetch(`${url}/api/whoami`, { headers: bearerHeader(await token()) });
    expect(await whoami.json()).toMatchObject({ subject: 'admin', role: 'admin' });
    expect((await fetch(`${url}/api/whoami`)).status).toBe(401);
    for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      expect([path, (await stat(path)).mode & 0o077]).toEqual([path, 0]);
    }
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  });

  it('comes back with the same secret and token, and with what was stored', async () => {
    const { home, token, secret } = await createProgramHome();
    const first = await startServer({ home });
    const kept = [await token(), await secret()];
    const made = await createProject(first.url, await token(), 'Kept');
    expect(made.status).toBe(201);
    first.process.kill('SIGINT');
    expect(await first.exited).toBe(0);
    const second = await startServer({ home });
    expect([await token(), await secret()]).toEqual(kept);
    expect(second.out()).not.toContain('new admin token');
    const projects = await fetch(`${second.url}/api/projects`, { headers: bearerHeader(await token()) });
    expect(await projects.json()).toMatchObject([{ name: 'Kept' }]);
  });
});

describe('[PR23] settings', () => {
  it('that are invalid are all reported, with exit code 2', async () => {
    const { home } = await createProgramHome();
    const env = { PORT: 'abc', LOG_LEVEL: 'loud', AUTH_SECRET: 'too-short-a-secret' };
    const { code, out, err } = await runProgram([], { home, env });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(
      /^These settings cannot be used:\n {2}PORT .*\n {2}AUTH_SECRET .*\n {2}LOG_LEVEL .*\n$/,
    );
    expect(err).not.toContain('too-short');
    expect(await readdir(home)).toEqual([]);
  });

  it('come from flags, the environment and .env, in this order, and can be shown', async () => {
    const { home } = await createProgramHome();
    await writeFile(
      join(home, '.env'),
      'PORT=1\nLIST_MAX_LIMIT=300\nLOG_LEVEL=error\nAUTH_SECRET=kept-0123456789-0123456789-0123456789\n',
    );
    const env = { PORT: '2', LIST_MAX_LIMIT: '400', LOG_LEVEL: '' };
    const { code, out } = await runProgram(['--print-config', '--port', '3'], { home, env });
    expect(code).toBe(0);
    expect(out).toContain('PORT=3\n');
    expect(out).toContain('LIST_MAX_LIMIT=400\n');
    expect(out).toContain('LOG_LEVEL=error\n');
    expect(out).toContain('AUTH_SECRET=********\n');
    expect(await readdir(home)).toEqual(['.env']);
  });

  it('[CF92] come from a .env that begins with a byte order mark too', async () => {
    const { home } = await createProgramHome();
    await writeFile(join(home, '.env'), '\uFEFFLOG_LEVEL=error\nLIST_MAX_LIMIT=300\n');
    const { out } = await runProgram(['--print-config'], { home });
    expect(out).toContain('LOG_LEVEL=error\n');
    expect(out).toContain('LIST_MAX_LIMIT=300\n');
  });
});

describe('[PR13] on a terminal', () => {
  it('the first start says what there is to know in eight lines, and nothing in JSON', async () => {
    const { home, token } = await createProgramHome();
    const terminal = 'data:text/javascript,process.stdout.isTTY=true';
    const {
      process: child,
      waitForOutput,
      exited,
      out,
    } = await startProgram([], { home, node: ['--import', terminal] });
    await waitForOutput(/is ready at http.*\n/);
    child.kill('SIGTERM');
    await exited;
    const said = out().split(/^.*stopping on SIGTERM/m)[0] ?? '';
    expect(said.trimEnd().split('\n').length).toBeLessThanOrEqual(8);
    expect(said).toContain('export MAESTRO_TOKEN=$(cat ');
    expect(said).not.toMatch(/^\{/m);
    expect(said).not.toContain(await token());
  });
});

describe('[PR24] no output of a server', () => {
  it('and none of its files holds a key of a model provider', async () => {
    const { home } = await createProgramHome();
    const env = { ANTHROPIC_API_KEY: 'sk-planted', OPENAI_API_KEY: 'sk-planted', DEBUG: 'true' };
    const { process: child, exited, out, err } = await startServer({ home, env });
    child.kill('SIGTERM');
    await exited;
    expect(out() + err()).not.toContain('sk-planted');
    for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      expect(await readFile(join(entry.parentPath, entry.name), 'utf8')).not.toContain('sk-planted');
    }
  });

  it('holds a token or the secret, whatever is asked of it', async () => {
    const { home, token, secret } = await createProgramHome();
    const { url, process: child, exited, out, err } = await startServer({ home, env: { DEBUG: 'true' } });
    const hidden = [await token(), await secret(), (await token()).split('.')[2] ?? ''];
    for (const value of [
      `Bearer ${hidden[0]}`,
      `Bearer ${hidden[0]}x`,
      `${hidden[0]}`,
      `Basic ${hidden[1]}`,
    ]) {
      await fetch(`${url}/api/whoami`, { headers: { Authorization: value } });
      await fetch(`${url}/api/tokens/${encodeURIComponent(value)}?token=${encodeURIComponent(value)}`, {
        method: 'DELETE',
        headers: { Authorization: value },
      });
    }
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(out()).toContain('"status":401');
    for (const text of hidden) expect(out() + err()).not.toContain(text);
  });
});

describe('[PR26] on this machine alone', () => {
  it('AUTH=off makes everyone an admin, and is said', async () => {
    const { home } = await createProgramHome();
    const { url, out } = await startServer({ home, env: { AUTH: 'off' } });
    const whoami = await fetch(`${url}/api/whoami`);
    expect(await whoami.json()).toMatchObject({ subject: 'local', role: 'admin', projects: ['*'] });
    expect(out()).toContain('AUTH is off');
  });

  it('a server listens, unless another address is named', async () => {
    const { home } = await createProgramHome();
    const { url } = await startServer({ home });
    const port = Number(new URL(url).port);
    const refused = await new Promise((resolve) => {
      connect(port, '127.0.0.2')
        .once('error', () => resolve(true))
        .once('connect', () => resolve(false));
    });
    expect(refused).toBe(true);
  });
});
