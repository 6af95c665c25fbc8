import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type BuiltServer, createServerHome, startBuiltServer } from '../support/servers/built-server.ts';
import { openTestSocket, type TestSocket } from '../support/servers/test-socket.ts';
import { loopCount } from '../support/time/loop-count.ts';

const env = { RATE_LIMIT_WRITES: '0', RATE_LIMIT_READS: '0', SOCKETS_PER_SUBJECT: '1000' };
const sockets = loopCount(20, 100);
const events = loopCount(1000, 10_000);
const warmUp = loopCount(320, 3200);
/** Together they are more than the machine buffers for a socket that nobody reads. */
const bytes = loopCount(20_000, 1500);

/** Megabytes that the process occupies, undefined where the system does not tell. */
async function residentMegabytes(server: BuiltServer): Promise<number | undefined> {
  const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

describe('sockets that nobody reads', () => {
  it('[RT21] are cut off by 4100 within bounded memory, and everyone else gets everything', async () => {
    const home = await createServerHome();
    const server = await startBuiltServer(home.path, env);
    const socketUrl = server.url.replace('http', 'ws');
    const project = (await server.send('POST', '/api/projects', { name: 'One' })).body.id;
    const tasks: string[] = [];
    for (let i = 0; i < 16; i++) {
      tasks.push((await server.send('POST', '/api/tasks', { projectId: project, title: `${i}` })).body.id);
    }
    const change = async (count: number) => {
      await Promise.all(
        tasks.map(async (id, lane) => {
          for (let i = lane; i < count; i += tasks.length) {
            const body = { title: `${i}`, description: `${i}`.padEnd(bytes, 'x') };
            expect((await server.send('PATCH', `/api/tasks/${id}`, body)).status).toBe(200);
          }
        }),
      );
    };
    // What writing alone takes is not what sockets take.
    await change(warmUp);
    const follow = async (): Promise<TestSocket> => {
      const socket = await openTestSocket(socketUrl, { token: server.token });
      await socket.request({ type: 'subscribe', channel: `project:${project}` });
      return socket;
    };
    const stalled = await Promise.all(Array.from({ length: sockets }, follow));
    const swift = await Promise.all([follow(), follow()]);
    for (const { ws } of stalled) ws.pause();
    const idle = await residentMegabytes(server);
    let most = idle ?? 0;
    const watching = setInterval(async () => {
      most = Math.max(most, (await residentMegabytes(server)) ?? 0);
    }, 50);

    await change(events);
    for (const socket of swift) {
      await expect.poll(() => socket.events().length).toBe(events);
      const seqs = socket.events().map(({ position }) => Number(position.split(':')[1]));
      expect(seqs).toEqual(Array.from({ length: events }, (_, i) => i + 2 + tasks.length + warmUp));
    }
    clearInterval(watching);
    const { body } = await server.send('GET', '/ws-status');
    expect(body.clients.filter(({ readyState }: { readyState: number }) => readyState === 1)).toHaveLength(2);
    for (const { ws, closed } of stalled) {
      ws.resume();
      // A client that reads on in time hears why; one that was away for longer finds its socket gone.
      expect([4100, 1006]).toContain((await closed).code);
    }
    if (idle !== undefined) expect(most - idle).toBeLessThan(150);
    for (const socket of swift) socket.terminate();
    await server.stop();
    await home.remove();
  });
});
