import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProgramHome, runProgram, startProgram, startServer } from '../support/programs/program.ts';
import { usesPostgres } from '../support/stores/configured-store.ts';

describe('[PR22] a server that cannot start says so in one sentence, with exit code 1 and nothing changed', () => {
  it('when another program listens on its port', async () => {
    const { home } = await createProgramHome();
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

  it('when its secret cannot be used, and lets go of the folder', async () => {
    const { home } = await createProgramHome();
    const { code, err } = await runProgram([], { home, env: { AUTH_SECRET_FILE: 'none' } });
    expect(code).toBe(1);
    expect(err).toBe(`AUTH_SECRET_FILE names ${join(home, 'none')}, which does not exist.\n`);
    await startServer({ home });
  });
});

describe('[PR27] a server that starts', () => {
  /** Holds the start where the admin token is read; `go` lets it go on. */
  async function heldStart() {
    const { home, data } = await createProgramHome();
    const token = join(data, 'auth', 'admin-token');
    await mkdir(join(data, 'auth'), { recursive: true, mode: 0o700 });
    // Beside a database another process may have written it, and serve.
    if (!usesPostgres) await writeFile(join(data, 'server-url'), 'http://127.0.0.1:9');
    execFileSync('sh', ['-c', 'mkfifo -m 600 "$0"', token]);
    const program = await startProgram([], { home, env: { LOG_LEVEL: 'debug' } });
    const [, port] = await program.waitForOutput(/"port":(\d+)/);
    // Opening it resolves when the other end is opened, to be read.
    const held = await open(token, 'w');
    return { ...program, data, url: `http://127.0.0.1:${port}`, go: () => held.close() };
  }

  it('answers 503 until it is ready, and says that it lives', async () => {
    const { url, data, waitForOutput, go } = await heldStart();
    const early = await fetch(`${url}/api/projects`);
    expect([early.status, await early.json()]).toMatchObject([503, { code: 'NOT_READY' }]);
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await readdir(data)).not.toContain('server-url');
    await go();
    await waitForOutput(/"msg":"ready"/);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });

  it('and is asked to stop meanwhile, stops as soon as it has started', async () => {
    const { process: child, data, exited, go } = await heldStart();
    child.kill('SIGTERM');
    await go();
    expect(await exited).toBe(0);
    expect(await readdir(data)).not.toContain('server-url');
  });
});
