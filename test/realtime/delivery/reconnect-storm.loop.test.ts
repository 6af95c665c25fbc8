import { describe, expect, it } from 'vitest';
import { startRealtime } from '../../support/servers/start-realtime.ts';
import { createCall, projectWithTasks } from '../../support/services/service-harness.ts';
import { loopCount } from '../../support/time/loop-count.ts';

describe('clients that all come back at once', () => {
  it('[RT26] are all live again from the log, each page of which is read once', async () => {
    const clients = loopCount(100, 1000);
    const reads: string[] = [];
    const harness = await startRealtime({
      limits: { connectionsPerSubject: clients, replayPage: 100 },
      onLogRead: (_, after) => reads.push(`${after}`),
    });
    const token = await harness.createToken({ role: 'admin', projects: ['*'] });
    const { project, taskIds } = await projectWithTasks(harness, 'One');
    const channel = `project:${project.id}`;
    const { epoch, seq } = await harness.store.read((reader) => reader.events.head(`project:${project.id}`));
    for (let i = 0; i < 450; i++) {
      await harness.services.tasks.update(createCall(), taskIds[0] ?? '', { title: `${i}` });
    }
    const positions = Array.from({ length: clients }, (_, i) => seq + (i % 200));
    const sockets = await Promise.all(
      positions.map(async (since) => {
        const socket = await harness.openSocket({ token });
        expect(
          await socket.request({ type: 'subscribe', channel, since: `${epoch}:${since}` }),
        ).toMatchObject({
          recovered: true,
        });
        return { socket, since };
      }),
    );
    await harness.services.tasks.update(createCall(), taskIds[0] ?? '', { title: 'live' });
    for (const { socket, since } of sockets) {
      await socket.waitForFrame(({ data }) => data?.title === 'live');
      const seqs = socket.events().map(({ position }) => Number(position.split(':')[1]));
      expect(seqs).toEqual(Array.from({ length: seq + 451 - since }, (_, i) => since + 1 + i));
    }
    // The last page is read again only for what was committed after its end.
    expect(new Set(reads).size).toBe(reads.length);
    expect(reads.length).toBeLessThanOrEqual(6);
    await harness.stop();
  });
});
