import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  accessModes,
  type ClientSend,
  expectError,
  expectSuccess,
  type OpenServer,
} from '../support/servers/existing-client.ts';
import { document, openAgentProgramScene } from './agent-program-scene.ts';

const ok = z.unknown();

describe.each(accessModes)('[CO3] a newer agent program through %s', (name) => {
  let server: OpenServer;
  let send: ClientSend;
  let projectId: string;
  let childId: string;
  let sessionId: string;
  beforeAll(async () => {
    ({ server, send, projectId, childId, sessionId } = await openAgentProgramScene(name));
  });
  afterAll(() => server.remove());

  it('task docs add', async () => {
    const add = { sessionId, title: 'Map', filePath: '/srv/sky/map.md', content: '# Map', kind: 'diagram' };
    expectSuccess(await send('POST', `/tasks/${childId}/docs`, add), ok);
    expect(expectSuccess(await send('GET', `/tasks/${childId}/docs`), z.array(document))).toMatchObject([
      { title: 'Map' },
    ]);
    expectSuccess(await send('POST', `/sessions/${sessionId}/docs`, { ...add, sessionId: undefined }), ok);
    expectError(await send('POST', '/tasks/task_none/docs', add), 404);
    expectError(await send('POST', `/tasks/${childId}/docs`, { ...add, sessionId: 'sess_none' }), 404);
    expectError(await send('POST', `/tasks/${childId}/docs`, { ...add, title: '' }), 400);
  });

  it('session spawn, with a mode and a launch configuration', async () => {
    const spawned = z.object({
      sessionId: z.string(),
      session: z.object({ metadata: z.object({ role: z.string() }) }),
    });
    const ask = {
      ...{ projectId, taskIds: [childId], spawnSource: 'session', sessionId, sessionName: 'Lead' },
      ...{ skills: ['maestro-orchestrator'], mode: 'coordinator', context: { reason: 'Coordinate task' } },
      launchConfig: { provider: 'claude', model: 'opus', reasoningEffort: 'high', accessMode: 'plan' },
    };
    const { session } = expectSuccess(await send('POST', '/sessions/spawn', ask), spawned);
    expect(session.metadata.role).toBe('orchestrator');
    const worker = { ...ask, skills: ['maestro-worker'], mode: 'worker', launchConfig: undefined };
    expect(expectSuccess(await send('POST', '/sessions/spawn', worker), spawned).session.metadata.role).toBe(
      'worker',
    );
  });

  it('session register and needs-input, with the hook that asks', async () => {
    const id = 'session-1770000000002-5e6f7a8b';
    const register = { id, projectId, taskIds: [childId], name: 'worker: session-177000', status: 'working' };
    expectSuccess(await send('POST', '/sessions', { ...register, metadata: { mode: 'worker' } }), ok);
    const now = Date.now();
    const metadata = { source: 'notification' };
    expectSuccess(
      await send('PATCH', `/sessions/${id}`, {
        needsInput: { active: true, message: 'Which?', since: now, ...metadata },
        timeline: [{ id: `evt-${now}`, type: 'needs_input', timestamp: now, message: 'Which?', metadata }],
      }),
      z.object({ needsInput: z.object({ active: z.literal(true) }) }),
    );
  });
});
