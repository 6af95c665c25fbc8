import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runSession, type TaskRun } from '../../../src/cli/agent/agent-session.ts';
import { RetryingClient } from '../../../src/cli/server/retrying-client.ts';
import { ServerClient } from '../../../src/cli/server/server-client.ts';
import { bearerHeader, createProgramHome, startServer } from '../../support/programs/program.ts';

describe('the work on a session', () => {
  it('[AG5] says again and again that the agent lives, and ends its program with the session', async () => {
    const { home, token } = await createProgramHome();
    const { url } = await startServer({ home });
    const headers = { ...bearerHeader(await token()), 'Content-Type': 'application/json' };
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    const send = async (method: string, path: string, body?: unknown): Promise<any> => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return (await fetch(url + path, { method, headers, ...sent })).json();
    };
    const { id: projectId } = await send('POST', '/api/projects', { name: 'P' });
    const { id } = await send('POST', '/api/tasks', { projectId, title: 'One' });
    const { sessionId } = await send('POST', '/api/sessions/spawn', { projectId, taskIds: [id] });
    const path = `/api/sessions/${sessionId}`;

    const jobs: TaskRun[] = [];
    const server = new RetryingClient(
      async () => new ServerClient(url, await token()),
      new AbortController().signal,
    );
    const working = runSession(sessionId, {
      ...{ server, launcherId: 'me', heartbeatMs: 10, isDraining: () => false, report: () => {} },
      async run(job) {
        jobs.push(job);
        await once(job.signal, 'abort');
        return 'ended by SIGTERM';
      },
    });
    while (jobs.length === 0) await setTimeout(5);
    const { lastActivity } = await send('GET', path);
    while ((await send('GET', path)).lastActivity === lastActivity) await setTimeout(5);
    await send('PATCH', path, { status: 'stopped' });
    expect(await working).toBe('ended');
    expect(jobs).toHaveLength(1);
    expect((await send('GET', path)).status).toBe('stopped');
  });
});
