import { z } from 'zod';
import {
  type accessModes,
  agentProgramClient,
  expectSuccess,
  startServerWithAccess,
} from '../support/servers/existing-client.ts';

/** What the program reads of a project. */
export const project = z.object({
  id: z.string(),
  name: z.string(),
  workingDir: z.string(),
  description: z.string(),
});
/** What the program reads of a task. */
export const task = z.object({ id: z.string(), title: z.string(), status: z.string(), priority: z.string() });
/** What the program reads of a task in a tree. */
export const treeTask = task.extend({ parentId: z.string().nullable() });
/** What the program reads of a session. */
export const session = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  taskIds: z.array(z.string()),
});
/** What the program reads of a document. */
export const document = z.object({
  id: z.string(),
  title: z.string(),
  filePath: z.string(),
  addedAt: z.int(),
});
/** A server with a project, a task with a part, and a session on the task, all made as the program makes them. */
export async function openAgentProgramScene(mode: (typeof accessModes)[number]) {
  const server = await startServerWithAccess(mode);
  const send = agentProgramClient(server.url);
  const created = { name: 'Sky', workingDir: '/srv/sky', description: 'Stars.' };
  const projectId = expectSuccess(await send('POST', '/projects', created), project).id;
  const ask = { projectId, title: 'Count', description: '', priority: 'high' };
  const taskId = expectSuccess(
    await send('POST', '/tasks', ask),
    z.object({ id: z.string(), title: z.string() }),
  ).id;
  const childId = expectSuccess(
    await send('POST', '/tasks', { ...ask, title: 'Part', parentId: taskId }),
    task,
  ).id;
  const register = { id: 'session-1770000000000-0a1b2c3d', projectId, taskIds: [taskId], name: 'Night' };
  const sessionId = expectSuccess(await send('POST', '/sessions', register), session).id;
  return { server, send, projectId, taskId, childId, sessionId };
}
