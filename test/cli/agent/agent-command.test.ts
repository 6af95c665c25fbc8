import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stageAgent } from '../../support/programs/agent-stage.ts';

const second = `if (process.env.MAESTRO_TASK_TITLE === 'Two') process.exit(7);`;

describe('the agent', () => {
  it.each(['queue', 'simple'])(
    '[AG1] runs the program for each task of a %s, and the exit code ends the task',
    async (strategy) => {
      const { home, agent, session, ends, sessionId, taskIds, token, send } = await stageAgent(strategy);
      const script = `
        require('node:fs').appendFileSync('runs', JSON.stringify([process.env, process.argv.slice(1)]) + '\\n');
        console.log('out of ' + process.env.MAESTRO_TASK_TITLE); ${second}`;
      const run = await agent(script, '--once');
      expect(await run.exited, run.err()).toBe(1);
      expect(run.out()).toBe('out of One\nout of Two\nout of Three\n');
      expect(await ends()).toEqual(['completed', 'failed', 'completed']);
      expect(await session()).toMatchObject({
        status: 'failed',
        result: { completed: 2, failed: 1, skipped: 0, left: 0 },
      });
      expect(run.err()).toMatch(`Started ${taskIds[1]}: Two\nFailed ${taskIds[1]} after`);
      expect(run.err()).toMatch(`Session ${sessionId} is failed: 2 completed, 1 failed, 0 skipped, 0 left\n`);
      const lines = (await readFile(join(home, 'runs'), 'utf8')).trim().split('\n');
      const runs = lines.map((line) => JSON.parse(line));
      expect(runs.map(([env]) => env.MAESTRO_TASK_ID)).toEqual(taskIds);
      const [env, args] = runs[0];
      expect(args).toEqual(['--help']);
      expect(env).toMatchObject({
        MAESTRO_SESSION_ID: sessionId,
        MAESTRO_STRATEGY: strategy,
        MY_KEY: 'mine',
      });
      expect(env.MAESTRO_TOKEN).not.toBe(await token());
      expect(env).not.toHaveProperty('AUTH_SECRET');
      const manifest = JSON.parse(await readFile(env.MAESTRO_MANIFEST_PATH, 'utf8'));
      expect(manifest.tasks.map(({ id }: { id: string }) => id)).toEqual(taskIds);
      if (strategy !== 'queue') return;
      const { queue } = await send('GET', `/api/sessions/${sessionId}/queue`);
      expect(queue.items[1]).toMatchObject({ status: 'failed', failReason: 'exit code 7' });
    },
  );

  it('[AG2] told to end, finishes the task at hand and leaves the rest for its next start', async () => {
    const { agent, session, ends, sessionId } = await stageAgent('queue');
    const waiting = `console.log('begun'); setTimeout(() => console.log('ended'), 500);`;
    const first = await agent(waiting);
    await first.waitForOutput(/begun/);
    first.process.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    expect(first.out()).toBe('begun\nended\n');
    expect(await ends()).toEqual(['completed', 'queued', 'queued']);
    expect((await session()).status).toBe('idle');
    const next = await agent(`console.log('begun'); process.exitCode = 0;`, '--session', sessionId);
    expect(await next.exited, next.err()).toBe(0);
    expect(next.out()).toBe('begun\nbegun\n');
    expect((await session()).status).toBe('completed');
  });

  it('[AG3] leaves what another has claimed, and says so', async () => {
    const { agent, send, sessionId } = await stageAgent('queue');
    await send('POST', `/api/sessions/${sessionId}/launch`, { launcherId: 'other' });
    const passing = await agent('', '--once');
    expect(await passing.exited, passing.err()).toBe(0);
    const named = await agent('', '--session', sessionId);
    expect(await named.exited).toBe(1);
    expect(named.err()).toMatch(/other has claimed this launch/);
  });

  it('[AG3] works on what is behind a session that cannot be launched', async () => {
    const { agent, send, sessionId, taskIds, session } = await stageAgent('simple');
    const { launch, projectId } = await session();
    await send('DELETE', `/api/tokens/${launch.tokenId}`);
    const body = { projectId, taskIds, sessionName: 'Behind it' };
    const behind = await send('POST', '/api/sessions/spawn', body);
    const passing = await agent('', '--once');
    expect(await passing.exited, passing.err()).toBe(0);
    expect(passing.err()).toMatch(`Session ${sessionId} is left`);
    expect((await session()).status).toBe('spawning');
    expect((await send('GET', `/api/sessions/${behind.sessionId}`)).status).toBe('completed');
  });
});
