import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../support/samples/seeded-random.ts';
import { startRealtime } from '../../support/servers/start-realtime.ts';
import { createCall, projectWithTasks } from '../../support/services/service-harness.ts';
import { nextEventLoopTurn } from '../../support/time/event-loop-turn.ts';
import { loopCount } from '../../support/time/loop-count.ts';

describe('to read the state and then follow from where it stood', () => {
  const chance = createSeededRandom();
  it(`[RT13] misses nothing and repeats nothing, however writes fall between (seed ${chance.seed})`, async () => {
    const harness = await startRealtime({ limits: { replayPage: 7 } });
    const token = await harness.createToken({ role: 'admin', projects: ['*'] });
    const { project, taskIds } = await projectWithTasks(harness, 'One', 'Two', 'Three');
    const channel = `project:${project.id}`;
    const pause = async () => {
      for (let turns = chance.below(4); turns > 0; turns--) await nextEventLoopTurn();
    };
    let writes = 0;
    const write = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await pause();
        await harness.services.tasks.update(createCall(), chance.pick(taskIds), { title: `${writes++}` });
      }
    };

    const rounds = loopCount(40, 1000);
    for (let round = 0; round < rounds; round++) {
      const socket = await harness.openSocket({ token });
      const writing = [write(chance.below(12)), write(chance.below(12))];
      await pause();
      const { body, headers } = await harness.send('GET', `/api/tasks?projectId=${project.id}`, { token });
      const state = new Map<string, string>(body.map(({ id, title }: never) => [id, title]));
      const [, since = ''] = headers.get('x-event-position')?.split('=') ?? [];
      await pause();
      expect(await socket.request({ type: 'subscribe', channel, since })).toMatchObject({ recovered: true });
      await Promise.all(writing);
      const { seq, epoch } = await harness.store.read((reader) =>
        reader.events.head(`project:${project.id}`),
      );
      const first = Number(since.split(':')[1]);
      if (seq > first) await socket.waitForFrame(({ position }) => position === `${epoch}:${seq}`);
      await socket.drain();
      const expected = Array.from({ length: seq - first }, (_, i) => `${epoch}:${first + 1 + i}`);
      expect(socket.events().map(({ position }) => position)).toEqual(expected);
      for (const { data } of socket.events()) state.set(data.id, data.title);
      const now = await harness.services.tasks.list(createCall(), {
        where: { projectId: project.id },
        limit: 10,
      });
      expect(state).toEqual(new Map(now.items.map(({ id, title }) => [id, title])));
      socket.terminate();
    }
    await harness.stop();
  });
});
