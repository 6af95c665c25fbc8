import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../support/samples/seeded-random.ts';
import { startRealtime } from '../../support/servers/start-realtime.ts';
import { createCall, projectWithTasks } from '../../support/services/service-harness.ts';
import { nextEventLoopTurn } from '../../support/time/event-loop-turn.ts';
import { loopCount } from '../../support/time/loop-count.ts';

describe('two projects with a socket each', () => {
  it('[RT1] each get all their own events and none of the other, and a viewer of neither gets nothing', async () => {
    const random = createSeededRandom();
    const harness = await startRealtime();
    const sides = await Promise.all(
      [0, 1].map(async () => {
        const { project, taskIds } = await projectWithTasks(harness, 'One', 'Two', 'Three');
        const session = await harness.services.sessions.create(createCall(), {
          projectId: project.id,
          taskIds,
          strategy: 'queue',
        });
        const token = await harness.createToken({ role: 'member', projects: [project.id] });
        const socket = await harness.openSocket({ token });
        await socket.request({ type: 'subscribe', channel: `project:${project.id}` });
        return { project: project.id, taskIds: [...taskIds], session: session.id, socket };
      }),
    );
    const outsider = await harness.openSocket({
      token: await harness.createToken({ role: 'viewer', projects: ['proj_none'] }),
    });
    await outsider.request({ type: 'subscribe', channel: 'workspace' });
    const seen = harness.events.length;
    const { tasks, sessions, sessionLogs, queues } = harness.services;

    const operations = loopCount(300, 10_000);
    for (let i = 0; i < operations; i++) {
      const { project, taskIds, session } = random.pick(sides);
      const task = random.pick(taskIds);
      const operation = random.pick([
        () => tasks.update(createCall(), task, { title: `${i}` }),
        () =>
          tasks.update(createCall(), task, {
            status: random.pick(['todo', 'blocked', 'completed', 'in_review']),
          }),
        async () => void taskIds.push((await tasks.create(createCall(), project, { title: `${i}` })).id),
        () => sessions.update(createCall(), session, { status: random.pick(['working', 'idle']) }),
        () => sessions.addTask(createCall(), session, task),
        () => sessions.removeTask(createCall(), session, task),
        () => sessionLogs.report(createCall(), session, { type: 'progress', message: `${i}` }),
        () => queues.push(createCall(), session, task),
        () => queues.start(createCall(), session, 0),
        () => queues.complete(createCall(), session),
        async () => {
          if (taskIds.length < 10) return;
          taskIds.splice(taskIds.indexOf(task), 1);
          await tasks.remove(createCall(), task);
        },
      ]);
      // Some are refused, as a start while an item is processed: they commit nothing.
      await Promise.resolve(operation()).catch(() => {});
      if (i % 20 === 0) await nextEventLoopTurn();
    }

    for (const { project, socket } of sides) {
      await socket.drain();
      const committed = harness.events.slice(seen).filter(({ stream }) => stream === `project:${project}`);
      expect(committed.length).toBeGreaterThan(operations / 10);
      expect(socket.events().map(({ position, event }) => `${position.split(':')[1]} ${event}`)).toEqual(
        committed.map(({ seq, name }) => `${seq} ${name}`),
      );
      expect(new Set(socket.events().map(({ stream }) => stream))).toEqual(new Set([`project:${project}`]));
    }
    await outsider.drain();
    expect(outsider.events()).toEqual([]);
    await harness.stop();
  });
});
