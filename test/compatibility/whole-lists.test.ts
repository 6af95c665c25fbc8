import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  accessModes,
  type ClientSend,
  dashboardClient,
  expectSuccess,
  type OpenServer,
  startServerWithAccess,
} from '../support/servers/existing-client.ts';

const made = z.object({ id: z.string() });

describe.each(accessModes)('[CO4] a client that knows no pages, through %s,', (name) => {
  let door: OpenServer;
  let send: ClientSend;
  beforeAll(async () => {
    door = await startServerWithAccess(name);
    send = dashboardClient(door.url);
  });
  afterAll(() => door.remove());

  it('sees the newest of more sessions, and parts of a task, than a page has', async () => {
    const { id: projectId } = expectSuccess(await send('POST', '/projects', { name: 'Sky' }), made);
    const { id: parentId } = expectSuccess(await send('POST', '/tasks', { projectId, title: 'All' }), made);
    const [sessions, parts]: string[][] = [[], []];
    for (let i = 0; i < 205; i++) {
      const session = { projectId, taskIds: [], name: `Terminal ${i}` };
      sessions?.push(expectSuccess(await send('POST', '/sessions', session), made).id);
      const part = { projectId, parentId, title: `Part ${i}` };
      parts?.push(expectSuccess(await send('POST', '/tasks', part), made).id);
    }
    const idsOf = async (path: string) =>
      expectSuccess(await send('GET', path), z.array(made)).map(({ id }) => id);
    expect(await idsOf('/sessions')).toEqual(sessions);
    expect(await idsOf(`/sessions?projectId=${projectId}&active=true`)).toEqual(sessions);
    expect(await idsOf('/tasks')).toEqual([parentId, ...(parts ?? [])]);
    expect(await idsOf(`/tasks/${parentId}/children`)).toEqual(parts);
    expect(await idsOf('/sessions?limit=3')).toEqual(sessions?.slice(0, 3));
  });
});
