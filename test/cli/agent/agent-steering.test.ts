import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stageAgent } from '../../support/programs/agent-stage.ts';
import { waitForProcessExit } from '../../support/programs/process-exit.ts';
import type { Program } from '../../support/programs/program.ts';

/** Starts a child, says its number and its own, and ends only by a signal; SIGTERM is none for it where it is stubborn. */
const waits = (stubborn = false) => `
  ${stubborn ? "process.on('SIGTERM', () => {});" : ''}
  const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'ignore' });
  console.log('pids ' + child.pid + ' ' + process.pid); setInterval(() => {}, 1000);`;
const waitsFor = (title: string) => `if (process.env.MAESTRO_TASK_TITLE === '${title}') {${waits()}}`;

async function pidsOf(program: Program): Promise<number[]> {
  return (await program.waitForOutput(/pids (\d+) (\d+)/)).slice(1).map(Number);
}

/** Ends the agent and its program in good order. */
async function stop(
  agent: Program,
  send: (method: string, path: string, body: object) => Promise<unknown>,
  sessionId: string,
): Promise<void> {
  agent.process.kill('SIGTERM');
  await send('PATCH', `/api/sessions/${sessionId}`, { status: 'stopped' });
  expect(await agent.exited).toBe(0);
}

describe('an agent at work', () => {
  it('[AG6] ends the program and all it has started when its session is stopped', async () => {
    const { agent, send, sessionId, session } = await stageAgent('queue');
    const run = await agent(waits(), '--once');
    const pids = await pidsOf(run);
    await send('PATCH', `/api/sessions/${sessionId}`, { status: 'stopped' });
    expect(await run.exited, run.err()).toBe(0);
    for (const pid of pids) await waitForProcessExit(pid);
    expect((await session()).status).toBe('stopped');
    expect(run.err()).toMatch(/Stopped task_\w+ after [\d.]+ s: it is stopped\nSession \w+ is over/);
  });

  it('[AG7] kills what ignores SIGTERM once its grace time is over', async () => {
    const { agent, send, sessionId } = await stageAgent('simple');
    const run = await agent(waits(true), '--once', '--grace', '0.2');
    const pids = await pidsOf(run);
    await send('PATCH', `/api/sessions/${sessionId}`, { status: 'stopped' });
    expect(await run.exited, run.err()).toBe(0);
    for (const pid of pids) await waitForProcessExit(pid);
  });

  it.each(['queue', 'simple'])(
    '[AG6] goes on with the next task of a %s when one is deleted, cancelled or taken away',
    async (strategy) => {
      const { agent, send, sessionId, taskIds, ends } = await stageAgent(strategy);
      const [one = '', two = '', three = ''] = taskIds;
      const more = (
        await send('POST', '/api/tasks', {
          projectId: (await send('GET', `/api/tasks/${one}`)).projectId,
          title: 'Four',
        })
      ).id;
      await send('POST', `/api/sessions/${sessionId}/tasks/${more}`);
      if (strategy === 'queue') await send('POST', `/api/sessions/${sessionId}/queue/push`, { taskId: more });
      const script = `if (process.env.MAESTRO_TASK_TITLE !== 'Four') {${waits()}} else console.log('four');`;
      const run = await agent(script, '--once');
      await run.waitForOutput(/pids/);
      await send('DELETE', `/api/tasks/${one}`);
      await run.waitForOutput(/pids[\s\S]*pids/);
      await send('PATCH', `/api/tasks/${two}`, { status: 'cancelled' });
      await run.waitForOutput(/pids[\s\S]*pids[\s\S]*pids/);
      await send('DELETE', `/api/sessions/${sessionId}/tasks/${three}`);
      expect(await run.exited, run.err()).toBe(0);
      expect(run.out()).toMatch(/four\n$/);
      const reasons = [...run.err().matchAll(/Skipped \w+ after [\d.]+ s: (.*)/g)].map(
        ([, reason]) => reason,
      );
      const taken = /^the task was (deleted|skipped in the queue|taken from the session)$/;
      expect(reasons).toEqual([
        expect.stringMatching(taken),
        'the task was cancelled',
        expect.stringMatching(taken),
      ]);
      taskIds.splice(0, 3, more);
      expect(await ends()).toEqual(['completed']);
    },
  );

  it('[AG6] hears at once that a question was answered', async () => {
    const { agent, send, sessionId } = await stageAgent('simple');
    const run = await agent(waitsFor('One'), '--json');
    await run.waitForOutput(/pids/);
    const path = `/api/sessions/${sessionId}`;
    await send('POST', `${path}/timeline`, { type: 'needs_input', message: 'Which?' });
    await send('PATCH', path, { needsInput: { active: false, answer: 'The second.' } });
    await run.waitForOutput(/"event":"question_answered","sessionId":"[^"]+","answer":"The second\."/);
    await stop(run, send, sessionId);
  });

  it('[AG8] ends what it left behind when it was killed, under the name it has by default', async () => {
    const { unnamedAgent, session, sessionId } = await stageAgent('queue');
    const first = await unnamedAgent(waits(true), '--grace', '0.2');
    const pids = await pidsOf(first);
    // Its output stays open, as its program has it too.
    const killed = once(first.process, 'exit');
    first.process.kill('SIGKILL');
    await killed;
    const { launcherId } = (await session()).launch;
    const next = await unnamedAgent(`console.log('again')`, '--once', '--grace', '0.2');
    expect(await next.exited, next.err()).toBe(0);
    for (const pid of pids) await waitForProcessExit(pid);
    expect(next.err()).toMatch(`It works as ${launcherId};`);
    expect(next.out()).toBe('again\nagain\nagain\n');
    expect((await session()).status, sessionId).toBe('completed');
  });

  it('[AG8] has a name of its own while another agent on this machine works', async () => {
    const { unnamedAgent, agent, send, sessionId } = await stageAgent('queue');
    const first = await unnamedAgent(waits());
    await pidsOf(first);
    const [, name = ''] = await first.waitForOutput(/It works as (\S+);/);
    const second = await unnamedAgent('');
    await second.waitForOutput(new RegExp(`It works as ${name}:2;`));
    const third = await agent('', '--launcher', name);
    expect(await third.exited).toBe(1);
    expect(third.err()).toMatch(`Another agent on this machine works as ${name}; give this one another`);
    await stop(first, send, sessionId);
  });

  it('[AG9] fails a task whose working folder cannot be used, in words, and works on the rest', async () => {
    const { home, agent, send, sessionId } = await stageAgent('simple');
    await writeFile(join(home, 'file'), '');
    const long = `${home}/${'x'.repeat(300)}`;
    const folders = [join(home, 'missing'), join(home, 'file'), join(home, 'file', 'in'), long, '~/', '~'];
    await send('PATCH', `/api/sessions/${sessionId}`, { status: 'stopped' });
    for (const workingDir of folders) {
      const { id: projectId } = await send('POST', '/api/projects', {
        name: workingDir.slice(-99),
        workingDir,
      });
      const { id } = await send('POST', '/api/tasks', { projectId, title: 'T' });
      await send('POST', '/api/sessions/spawn', { projectId, taskIds: [id], strategy: 'queue' });
    }
    const run = await agent(`console.log('in ' + process.cwd())`, '--once');
    expect(await run.exited, run.err()).toBe(1);
    expect(run.out()).toBe(`in ${home}\nin ${home}\n`);
    for (const fault of [
      `the working folder ${home}/missing does not exist`,
      `the working folder ${home}/file is not a folder`,
      `the working folder ${home}/file/in does not exist: a part of its path is a file`,
      'has a name that is too long',
    ])
      expect(run.err()).toMatch(fault);
    const sessions = await send('GET', '/api/sessions?status=failed');
    expect(sessions).toHaveLength(4);
  });

  it('[AG10] prints JSON lines alone, with the output of programs beside them', async () => {
    const { agent, taskIds, sessionId } = await stageAgent('queue');
    const run = await agent(`console.log('out'); process.exit(3)`, '--once', '--json');
    expect(await run.exited).toBe(1);
    const lines = run
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [taskId] = taskIds;
    const about = { at: expect.any(Number), sessionId, taskId, title: 'One' };
    expect(lines.slice(0, 2)).toEqual([
      { event: 'task_started', ...about },
      {
        event: 'task_ended',
        outcome: 'failed',
        reason: 'exit code 3',
        durationMs: expect.any(Number),
        ...about,
      },
    ]);
    expect(lines.at(-1)).toMatchObject({ event: 'session_ended', status: 'failed', result: { failed: 3 } });
    expect(run.err()).toMatch('out\n');
  });
});
