import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bearerHeader, createProgramHome, startServer } from '../support/programs/program.ts';
import type { ServerReply } from '../support/servers/built-server.ts';

describe('a built server whose program for manifests fails', () => {
  it('[SP15] tells each fault as what it is, answers others meanwhile, and leaves nothing', async () => {
    const { home, token } = await createProgramHome();
    const program = join(home, 'maestro.sh');
    const script = (text: string) => writeFile(program, `#!/bin/sh\n${text}`);
    await script('');
    await chmod(program, 0o755);
    const server = await startServer({
      home,
      env: {
        ...{ MANIFEST_GENERATOR: 'cli', MAESTRO_CLI_PATH: './maestro.sh', MANIFEST_TIMEOUT: '2' },
        ...{ SESSION_DIR: './sessions', ANTHROPIC_API_KEY: 'planted' },
      },
    });
    const headers = { ...bearerHeader(await token()), 'Content-Type': 'application/json' };
    const send = async (path: string, body?: unknown): Promise<ServerReply> => {
      const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
      const response = await fetch(server.url + path, init);
      return { status: response.status, body: await response.json() };
    };
    const { body: project } = await send('/api/projects', { name: 'P' });
    const { body: task } = await send('/api/tasks', { projectId: project.id, title: 'T' });
    const spawn = () => send('/api/sessions/spawn', { projectId: project.id, taskIds: [task.id] });
    const faults: [string, number, string][] = [
      ['env; echo it says why >&2; exit 1', 422, 'manifest_generation_failed'],
      ['head -c 104857600 /dev/zero; exec sleep 600', 422, 'manifest_generation_failed'],
      ['exec sleep 600', 503, 'TRY_AGAIN'],
    ];
    for (const [text, status, code] of faults) {
      await script(text);
      const spawned = spawn();
      expect((await send('/api/projects')).status).toBe(200);
      expect(await spawned, text).toMatchObject({ status, body: { code } });
    }
    await chmod(program, 0o600);
    expect(await spawn()).toMatchObject({ status: 422, body: { code: 'manifest_generation_failed' } });
    expect((await send('/api/sessions')).body).toEqual([]);
    expect((await send(`/api/tasks/${task.id}`)).body).toMatchObject({ sessionIds: [], version: 1 });
    expect(await readdir(join(home, 'sessions')).catch(() => [])).toEqual([]);
    expect(server.out()).toMatch(/it says why/);

    await chmod(program, 0o755);
    await script('exec sleep 600');
    const last = spawn().catch(() => undefined);
    server.process.kill('SIGTERM');
    expect(await server.exited).toBe(0);
    await last;
    expect(server.out()).not.toContain('planted');
  });

  it('[LV5] fails after a restart what never started before it', async () => {
    const { home, token } = await createProgramHome();
    const first = await startServer({ home });
    const headers = { ...bearerHeader(await token()), 'Content-Type': 'application/json' };
    const post = async (path: string, body: unknown): Promise<ServerReply['body']> => {
      const response = await fetch(first.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      return response.json();
    };
    const { id: projectId } = await post('/api/projects', { name: 'P' });
    const { id } = await post('/api/tasks', { projectId, title: 'T' });
    const { sessionId } = await post('/api/sessions/spawn', { projectId, taskIds: [id] });
    first.process.kill('SIGKILL');
    await first.exited;
    const second = await startServer({ home, env: { START_TIMEOUT: '1' } });
    for (;;) {
      const session: ServerReply['body'] = await (
        await fetch(`${second.url}/api/sessions/${sessionId}`, { headers })
      ).json();
      if (session.status === 'failed') break;
      expect(session.status).toBe('spawning');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});
