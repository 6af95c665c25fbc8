import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram, startProgram, startServer } from '../support/program.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function openHome() {
  const home = await tempFolder();
  const data = join(home, '.maestro', 'data');
  return {
    home,
    data,
    token: async () => (await readFile(join(data, 'auth', 'admin-token'), 'utf8')).trim(),
    secret: async () => (await readFile(join(data, 'auth', 'secret'), 'utf8')).trim(),
  };
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** A request whose body is not all sent yet: it runs until `finish` sends the rest, and resolves with the answer. */
async function openRequest(url: string, token: string) {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const body = JSON.stringify({ name: 'Slow' });
  const head = [
    'POST /api/projects HTTP/1.1',
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
  ];
  let answer = '';
  let heard = () => {};
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
    heard();
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const started = new Promise<void>((resolve) => {
    heard = resolve;
  });
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  // The server has read the headers when it asks for the body.
  await started;
  return {
    async finish() {
      socket.write(body);
      await closed;
      return answer;
    },
  };
}

describe('[PR20] a server', () => {
  it('is ready with one command and nothing else, for its owner only', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const { home, data, token } = await openHome();
    const { url, process: child, ended } = await startServer({ home });
    expect(await readFile(join(data, 'server-url'), 'utf8')).toBe(url);
    const whoami = await fetch(`${url}/api/whoami`, { headers: bearer(await token()) });
    expect(await whoami.json()).toMatchObject({ subject: 'admin', role: 'admin' });
    expect((await fetch(`${url}/api/whoami`)).status).toBe(401);
    for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      expect([path, (await stat(path)).mode & 0o077]).toEqual([path, 0]);
    }
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('comes back with the same secret and token, and with what was stored', async () => {
    const { home, token, secret } = await openHome();
    const first = await startServer({ home });
    const kept = [await token(), await secret()];
    const made = await fetch(`${first.url}/api/projects`, {
      method: 'POST',
      headers: { ...bearer(await token()), 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Kept' }),
    });
    expect(made.status).toBe(201);
    first.process.kill('SIGINT');
    expect(await first.ended).toBe(0);
    const second = await startServer({ home });
    expect([await token(), await secret()]).toEqual(kept);
    expect(second.out()).not.toContain('new admin token');
    const projects = await fetch(`${second.url}/api/projects`, { headers: bearer(await token()) });
    expect(await projects.json()).toMatchObject([{ name: 'Kept' }]);
  });
});

describe('[PR21] told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s it takes nothing new, finishes what runs and ends with 0',
    async (signal) => {
      const { home, data, token } = await openHome();
      const { url, process: child, until, ended } = await startServer({ home });
      const request = await openRequest(url, await token());
      child.kill(signal);
      await until(/stopping on/);
      await expect(fetch(`${url}/health`)).rejects.toThrow();
      expect(await request.finish()).toMatch(/HTTP\/1.1 201 /);
      expect(await ended).toBe(0);
      expect(await readdir(data)).not.toContain('server-url');
      const again = await startServer({ home });
      const projects = await fetch(`${again.url}/api/projects`, { headers: bearer(await token()) });
      expect(await projects.json()).toMatchObject([{ name: 'Slow' }]);
    },
  );

  it('twice it ends at once', async () => {
    const { home, token } = await openHome();
    const { url, process: child, until, ended } = await startServer({ home });
    await openRequest(url, await token());
    child.kill('SIGTERM');
    await until(/stopping on SIGTERM/);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
  });

  it('it cuts what does not finish in time', async () => {
    const { home, token } = await openHome();
    const { url, process: child, ended } = await startServer({ home, env: { SHUTDOWN_TIMEOUT: '1' } });
    await openRequest(url, await token());
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

describe('[PR22] a server that cannot start says so in one sentence, with exit code 1 and nothing changed', () => {
  it('when another program listens on its port', async () => {
    const { home } = await openHome();
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, out, err } = await runProgram([], { home, env: { PORT: `${port}` } });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      `Another program listens on port ${port} of 127.0.0.1: stop it, or set PORT to another; 0 takes a free one.\n`,
    );
    expect(await readdir(home)).toEqual([]);
  });

  it('when another server uses its folder', async () => {
    const { home, data } = await openHome();
    const { process: child } = await startServer({ home });
    const before = await readdir(data, { recursive: true });
    const { code, out, err } = await runProgram([], { home });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toContain(data);
    expect(err).toContain(`${child.pid}`);
    expect(await readdir(data, { recursive: true })).toEqual(before);
  });

  it('when its secret cannot be used, and lets go of the folder', async () => {
    const { home } = await openHome();
    const { code, err } = await runProgram([], { home, env: { AUTH_SECRET_FILE: 'none' } });
    expect(code).toBe(1);
    expect(err).toBe(`AUTH_SECRET_FILE names ${join(home, 'none')}, which does not exist.\n`);
    await startServer({ home });
  });
});

describe('[PR23] settings', () => {
  it('that cannot be used are all told, with exit code 2', async () => {
    const { home } = await openHome();
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
    const { home } = await openHome();
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
});

describe('[PR24] no output of a server', () => {
  it('holds a token or the secret, whatever is asked of it', async () => {
    const { home, token, secret } = await openHome();
    const { url, process: child, ended, out, err } = await startServer({ home, env: { DEBUG: 'true' } });
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
    expect(await ended).toBe(0);
    expect(out()).toContain('"status":401');
    for (const text of hidden) expect(out() + err()).not.toContain(text);
  });
});

describe('[PR27] a server that starts', () => {
  /** Holds the start where the admin token is read; `go` lets it go on. */
  async function heldStart() {
    const { home, data } = await openHome();
    const token = join(data, 'auth', 'admin-token');
    await mkdir(join(data, 'auth'), { recursive: true, mode: 0o700 });
    await writeFile(join(data, 'server-url'), 'http://127.0.0.1:9');
    execFileSync('mkfifo', ['-m', '600', token]);
    const program = startProgram([], { home, env: { LOG_LEVEL: 'debug' } });
    const [, port] = await program.until(/"port":(\d+)/);
    // Opening it resolves when the other end is opened, to be read.
    const held = await open(token, 'w');
    return { ...program, data, url: `http://127.0.0.1:${port}`, go: () => held.close() };
  }

  it('answers 503 until it is ready, and says that it lives', async () => {
    const { url, data, until, go } = await heldStart();
    const early = await fetch(`${url}/api/projects`);
    expect([early.status, await early.json()]).toMatchObject([503, { code: 'NOT_READY' }]);
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await readdir(data)).not.toContain('server-url');
    await go();
    await until(/"msg":"ready"/);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });

  it('and is told to stop meanwhile, stops as soon as it has started', async () => {
    const { process: child, data, ended, go } = await heldStart();
    child.kill('SIGTERM');
    await go();
    expect(await ended).toBe(0);
    expect(await readdir(data)).not.toContain('server-url');
  });
});

describe('[PR28] a store that fails', () => {
  it('ends the server with 1, and acknowledges nothing', async () => {
    const { home, data, token } = await openHome();
    const { url, ended, out } = await startServer({ home });
    // So the next owner of the folder would announce itself.
    await writeFile(join(data, 'lock', 'term-00000002'), '');
    const refused = await fetch(`${url}/api/projects`, {
      method: 'POST',
      headers: { ...bearer(await token()), 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Lost' }),
    });
    expect(refused.status).toBe(503);
    expect(await ended).toBe(1);
    expect(out()).toMatch(/"level":"fatal".*"the store failed; stopping"/);
  });
});

describe('[PR25] a fault that nothing caught', () => {
  it.each([
    ["throw new Error('planted')", 'uncaughtException'],
    ["Promise.reject(new Error('planted'))", 'unhandledRejection'],
  ])('is logged and ends the process with 1: %s', async (fault) => {
    const { home } = await openHome();
    const plant = `data:text/javascript,process.on('SIGUSR2',()=>{${encodeURIComponent(fault)}})`;
    const { process: child, ended, out } = await startServer({ home, node: ['--import', plant] });
    child.kill('SIGUSR2');
    expect(await ended).toBe(1);
    expect(out()).toMatch(/"level":"fatal".*planted/);
  });
});

describe('[PR26] on this machine alone', () => {
  it('AUTH=off makes everyone an admin, and is said', async () => {
    const { home } = await openHome();
    const { url, out } = await startServer({ home, env: { AUTH: 'off' } });
    const whoami = await fetch(`${url}/api/whoami`);
    expect(await whoami.json()).toMatchObject({ subject: 'local', role: 'admin', projects: ['*'] });
    expect(out()).toContain('AUTH is off');
  });

  it('a server listens, unless another address is named, hardening S5', async () => {
    const { home } = await openHome();
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
