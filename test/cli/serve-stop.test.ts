import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { repositoryRoot } from '../guards/source-file.ts';
import {
  bearerHeader,
  createProgramHome,
  createProject,
  startProgram,
  startServer,
} from '../support/programs/program.ts';
import { storeSettings } from '../support/stores/configured-store.ts';

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
  let received = () => {};
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
    received();
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const started = new Promise<void>((resolve) => {
    received = resolve;
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

describe('[PR21] told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s it takes nothing new, finishes what runs and ends with 0',
    async (signal) => {
      const { home, data, token } = await createProgramHome();
      const { url, process: child, waitForOutput, exited } = await startServer({ home });
      const request = await openRequest(url, await token());
      child.kill(signal);
      await waitForOutput(/stopping on/);
      await expect(fetch(`${url}/health`)).rejects.toThrow();
      expect(await request.finish()).toMatch(/HTTP\/1.1 201 /);
      expect(await exited).toBe(0);
      expect(await readdir(data)).not.toContain('server-url');
      const again = await startServer({ home });
      const projects = await fetch(`${again.url}/api/projects`, { headers: bearerHeader(await token()) });
      expect(await projects.json()).toMatchObject([{ name: 'Slow' }]);
    },
  );

  it('twice it ends at once', async () => {
    const { home, token } = await createProgramHome();
    const { url, process: child, waitForOutput, exited } = await startServer({ home });
    await openRequest(url, await token());
    child.kill('SIGTERM');
    await waitForOutput(/stopping on SIGTERM/);
    child.kill('SIGTERM');
    expect(await exited).toBe(143);
  });

  it('it cuts what does not finish in time', async () => {
    const { home, token } = await createProgramHome();
    const { url, process: child, exited } = await startServer({ home, env: { SHUTDOWN_TIMEOUT: '1' } });
    await openRequest(url, await token());
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  });
});

describe('[PR25] a fault that nothing caught', () => {
  it.each([
    ["throw new Error('planted')", 'uncaughtException'],
    ["Promise.reject(new Error('planted'))", 'unhandledRejection'],
  ])('is logged and ends the process with 1: %s', async (fault) => {
    const { home } = await createProgramHome();
    const plant = `data:text/javascript,process.on('SIGUSR2',()=>{${encodeURIComponent(fault)}})`;
    const { process: child, exited, out } = await startServer({ home, node: ['--import', plant] });
    child.kill('SIGUSR2');
    expect(await exited).toBe(1);
    expect(out()).toMatch(/"level":"fatal".*planted/);
  });
});

describe('[PR21] the server that `npm start` runs', () => {
  it('hears the signal that npm hands on', async () => {
    const { home, data } = await createProgramHome();
    const { scripts } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'));
    const store = await storeSettings(home);
    const env = { PATH: process.env.PATH, HOME: home, PORT: '0', ...store };
    const shell = spawn('sh', ['-c', scripts.start], {
      cwd: repositoryRoot,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void shell.kill('SIGKILL'));
    let said = '';
    for await (const chunk of shell.stdout) {
      said += chunk;
      if (said.includes('"msg":"ready"') && !shell.killed) shell.kill('SIGTERM');
    }
    if (shell.exitCode === null) await once(shell, 'exit');
    expect([shell.exitCode, shell.signalCode]).toEqual([0, null]);
    expect(await readdir(data)).not.toContain('server-url');
  });
});

it('[PR90] SIGHUP opens the log file again under its name, and the server goes on', async () => {
  const { home, token } = await createProgramHome();
  const file = join(home, 'server.log');
  const env = { LOG_FILE: 'server.log' };
  const program = await startProgram([], { home, env });
  const url = await vi.waitFor(async () => {
    const found = /"url":"([^"]+)".*"msg":"ready"/.exec(await readFile(file, 'utf8'))?.[1];
    if (found === undefined) throw new Error('It is not ready.');
    return found;
  }, 20_000);
  await rename(file, `${file}.1`);
  program.process.kill('SIGHUP');
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toContain('SIGHUP'), 20_000);
  expect((await createProject(url, await token(), 'After')).status).toBe(201);
  program.process.kill('SIGTERM');
  expect(await program.exited).toBe(0);
  expect(await readFile(file, 'utf8')).toMatch(/stopping on SIGTERM/);
  expect(await readFile(`${file}.1`, 'utf8')).not.toContain('SIGTERM');
});

it('[PR90] SIGHUP ends a server that logs to its output', async () => {
  const { home } = await createProgramHome();
  const server = await startServer({ home });
  server.process.kill('SIGHUP');
  expect(await server.exited).toBe('SIGHUP');
});
