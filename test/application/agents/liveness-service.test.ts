import { describe, expect, it } from 'vitest';
import { LivenessService } from '../../../src/application/agents/liveness-service.ts';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';
import { agentCallOf, createSpawnInput } from '../../support/services/spawn-samples.ts';

const timeouts = { startMs: 60_000, staleMs: 600_000 };

async function stage() {
  const harness = openServices();
  const { project, taskIds } = await projectWithTasks(harness, 'One', 'Two');
  let spawned = 0;
  const spawn = async () => {
    const input = createSpawnInput(project.id, taskIds, { strategy: 'queue', model: `m${spawned++}` });
    return (await harness.services.spawns.spawn(createCall(), input)).sessionId;
  };
  const get = (id: string) => harness.services.sessions.get(createCall(), id);
  const sweep = () => harness.services.liveness.sweep();
  return { harness, project, taskId: taskIds[0] ?? '', spawn, get, sweep, ...harness.services };
}

describe('a session', () => {
  it('[LV1] that nobody claims in time has failed: with a reason, its events, and no task left open', async () => {
    const { harness, spawn, get, sweep, taskId, tasks } = await stage();
    const id = await spawn();
    harness.advanceClock(timeouts.startMs - 1);
    expect(await harness.eventNamesOf(sweep)).toEqual([]);
    harness.advanceClock(1);
    const names = await harness.eventNamesOf(sweep);
    for (const name of ['queue:item_skipped', 'session:updated', 'task:updated', 'notify:session_failed'])
      expect(names).toContain(name);
    expect(harness.events.at(-1)?.actor).toBe('server');
    const session = await get(id);
    expect(session).toMatchObject({ status: 'failed', completedAt: harness.now() });
    expect(session.timeline.at(-1)).toMatchObject({
      type: 'error',
      message: expect.stringMatching(/nobody claimed/),
    });
    expect((await tasks.get(createCall(), taskId)).taskSessionStatuses[id]).toBe('skipped');
    await expect(harness.services.launches.assign(createCall(), id, 'laptop')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await harness.eventNamesOf(sweep)).toEqual([]);
  });

  it('[LV2] that is claimed has the same time anew, and then has failed, too', async () => {
    const { harness, spawn, get, sweep, launches } = await stage();
    const id = await spawn();
    harness.advanceClock(timeouts.startMs - 1);
    await launches.assign(createCall(), id, 'laptop');
    harness.advanceClock(timeouts.startMs - 1);
    await sweep();
    expect((await get(id)).status).toBe('spawning');
    harness.advanceClock(1);
    await sweep();
    const { status, timeline } = await get(id);
    expect(status).toBe('failed');
    expect(timeline.at(-1)?.message).toMatch(/laptop claimed/);
  });

  it('[LV3] has started with any report of it, claimed or not', async () => {
    const { harness, spawn, get, sweep, sessions, sessionLogs, queues, tasks, launches, taskId } =
      await stage();
    const reports: ((id: string) => Promise<unknown>)[] = [
      async (id) => launches.renew(await agentCallOf(harness, id), id),
      (id) => sessionLogs.report(createCall(), id, { type: 'progress', message: 'Half.' }),
      (id) => sessionLogs.recordActivity(createCall(), id, { type: 'file_modified' }),
      (id) => sessionLogs.addDocument(createCall(), id, { title: 'T', filePath: 't.md' }),
      (id) =>
        sessionLogs.reportOnTask(createCall(), taskId, { sessionId: id, type: 'progress', message: 'Half.' }),
      (id) =>
        tasks.update(createCall(), taskId, {
          updateSource: 'session',
          sessionId: id,
          sessionStatus: 'working',
        }),
      (id) => queues.start(createCall(), id, 0),
      (id) => sessions.update(createCall(), id, { needsInput: { active: true } }),
      (id) => sessions.update(createCall(), id, { timeline: [{ type: 'progress' }] }),
      (id) => sessions.update(createCall(), id, { status: 'idle' }),
    ];
    const started: string[] = [];
    for (const report of reports) {
      const id = await spawn();
      await report(id);
      started.push(id);
    }
    const waiting = await spawn();
    await sessions.update(createCall(), waiting, { agentId: 'astronomer' });
    harness.advanceClock(timeouts.startMs);
    await sweep();
    for (const id of started) expect(['working', 'idle']).toContain((await get(id)).status);
    expect((await get(waiting)).status).toBe('failed');
  });

  it('[LV4] that works without a report is marked stale, never ended, until it reports again', async () => {
    const { harness, spawn, get, sweep, sessions, sessionLogs } = await stage();
    const id = await spawn();
    await sessions.update(createCall(), id, { status: 'working' });
    const { lastActivity } = await get(id);
    harness.advanceClock(timeouts.staleMs - 1);
    expect(await harness.eventNamesOf(sweep)).toEqual([]);
    harness.advanceClock(1);
    expect(await harness.eventNamesOf(sweep)).toEqual(['session:updated']);
    expect(await get(id)).toMatchObject({ status: 'working', lastActivity, stale: { since: lastActivity } });
    harness.advanceClock(100 * timeouts.staleMs);
    expect(await harness.eventNamesOf(sweep)).toEqual([]);
    await sessionLogs.recordActivity(createCall(), id, { type: 'file_modified' });
    expect(await get(id)).not.toHaveProperty('stale');
    await sessions.update(createCall(), id, { needsInput: { active: true } });
    harness.advanceClock(timeouts.staleMs);
    expect(await harness.eventNamesOf(sweep), 'it waits for a person').toEqual([]);
    await sessions.update(createCall(), id, { needsInput: { active: false } });
    harness.advanceClock(timeouts.staleMs);
    await sweep();
    await sessions.update(createCall(), id, { status: 'completed' });
    expect(await get(id)).not.toHaveProperty('stale');
  });

  it('[LV5] is judged by what is stored: after a restart as before, and once by however many processes', async () => {
    const { harness, spawn, get } = await stage();
    const id = await spawn();
    harness.advanceClock(timeouts.startMs);
    const processes = Array.from(
      { length: 4 },
      () => new LivenessService(harness.open, timeouts, harness.now),
    );
    const names = await harness.eventNamesOf(() => Promise.all(processes.map((one) => one.sweep())));
    expect(names.filter((name) => name === 'notify:session_failed')).toHaveLength(1);
    expect((await get(id)).timeline.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  it('[LV6] that cannot be checked does not keep the others from being checked', async () => {
    const { harness, spawn, get } = await stage();
    const [first, second] = [await spawn(), await spawn()];
    harness.advanceClock(timeouts.startMs);
    let failures = 0;
    const open: typeof harness.open = (by) => ({
      ...harness.open(by),
      transaction: (work) =>
        failures++ === 0 ? Promise.reject(new Error('no')) : harness.open(by).transaction(work),
    });
    await expect(new LivenessService(open, timeouts, harness.now).sweep()).rejects.toThrow(AggregateError);
    expect([(await get(first)).status, (await get(second)).status]).toEqual(['spawning', 'failed']);
  });
});
