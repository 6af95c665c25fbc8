import { expect } from 'vitest';
import { bearerHeader, createProgramHome, type Program, startProgram, startServer } from './program.ts';

/** A server with a session for three tasks, and agents of one launcher on it. */
export async function stageAgent(strategy: string) {
  const { home, token } = await createProgramHome();
  const server = await startServer({ home, env: { AUTH_SECRET: 's'.repeat(32) } });
  const headers = { ...bearerHeader(await token()), 'Content-Type': 'application/json' };
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  const send = async (method: string, path: string, body?: unknown): Promise<any> => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(server.url + path, { method, headers, ...sent });
    expect(response.status, `${method} ${path}`).toBeLessThan(300);
    return response.json();
  };
  const { id: projectId } = await send('POST', '/api/projects', { name: 'P', workingDir: home });
  const taskIds: string[] = [];
  for (const title of ['One', 'Two', 'Three'])
    taskIds.push((await send('POST', '/api/tasks', { projectId, title })).id);
  const { sessionId } = await send('POST', '/api/sessions/spawn', { projectId, taskIds, strategy });
  /** An agent with these flags that runs the script for each task. */
  const unnamedAgent = (script: string, ...flags: string[]): Promise<Program> =>
    startProgram(['agent', ...flags, '--', process.execPath, '-e', script, '--', '--help'], {
      home,
      env: { AUTH_SECRET: 's'.repeat(32), MY_KEY: 'mine' },
    });
  const agent = (script: string, ...flags: string[]) => unnamedAgent(script, '--launcher', 'me', ...flags);
  const session = () => send('GET', `/api/sessions/${sessionId}`);
  const ends = async () =>
    Promise.all(
      taskIds.map(async (id) => (await send('GET', `/api/tasks/${id}`)).taskSessionStatuses[sessionId]),
    );
  return { home, server, send, projectId, taskIds, sessionId, agent, unnamedAgent, session, ends, token };
}
