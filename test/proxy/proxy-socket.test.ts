import { describe, expect, it } from 'vitest';
import { startFakeServer, startProxyServer } from '../support/servers/start-proxy-server.ts';
import { startRealtime } from '../support/servers/start-realtime.ts';
import { openTestSocket } from '../support/servers/test-socket.ts';
import { createCall, projectWithTasks } from '../support/services/service-harness.ts';

async function openSockets(origins: string[] = []) {
  const bench = await startRealtime();
  const token = await bench.createToken({ role: 'admin', projects: ['*'] });
  const proxy = (await startProxyServer(bench.url, token, { allowedOrigins: origins })).replace('http', 'ws');
  return { bench, proxy };
}

describe('a socket through a proxy', () => {
  it('[PX6] that names no channels hears of everything, wherever it connects', async () => {
    const { bench, proxy } = await openSockets();
    for (const path of ['/', '/ws']) {
      const tap = await openTestSocket(proxy, { path });
      await tap.waitForFrame((frame) => frame.type === 'welcome');
      await tap.drain();
      const { taskIds } = await projectWithTasks(bench, 'Through');
      const { event, data } = await tap.waitForFrame((frame) => frame.type === 'task:created');
      expect([event, data.id]).toEqual(['task:created', taskIds[0]]);
      tap.send({ type: 'ping' });
      await tap.waitForFrame((frame) => frame.type === 'pong');
      tap.terminate();
    }
    await bench.stop();
  });

  it('[PX6] that names channels hears of those alone', async () => {
    const { bench, proxy } = await openSockets();
    const { project } = await projectWithTasks(bench);
    const tap = await openTestSocket(proxy, { path: `/ws?channels=project:${project.id}` });
    expect(await tap.waitForFrame((frame) => frame.type === 'subscribed')).toMatchObject({
      channel: `project:${project.id}`,
    });
    await bench.services.projects.create(createCall(), { name: 'Elsewhere' });
    await bench.services.tasks.create(createCall(), project.id, { title: 'Here' });
    await tap.waitForFrame((frame) => frame.type === 'task:created');
    expect(tap.events().map(({ type }) => type)).toEqual(['task:created']);
    await bench.stop();
  });

  it('[PX2] has the token of the proxy in place of any that was offered', async () => {
    const { bench, proxy } = await openSockets();
    for (const offered of [
      { protocols: ['maestro.v1', 'maestro.bearer.anything'] },
      { path: '/ws?ticket=anything' },
      { token: 'anything' },
    ]) {
      const tap = await openTestSocket(proxy, offered);
      expect((await tap.waitForFrame((frame) => frame.type === 'welcome')).actor.role).toBe('admin');
      tap.terminate();
    }
    await bench.stop();
  });

  it('[PX6] ends with the one behind it, on either side', async () => {
    const { bench, proxy } = await openSockets();
    const one = await openTestSocket(proxy);
    await one.waitForFrame((frame) => frame.type === 'welcome');
    bench.closeAll(4000);
    expect((await one.closed).code).toBe(4000);
    const two = await openTestSocket(proxy);
    await two.waitForFrame((frame) => frame.type === 'welcome');
    bench.terminateAll();
    expect((await two.closed).code).toBe(1006);
    await bench.stop();
  });

  it('[PX5] is opened for names of this machine and for named origins only', async () => {
    const { bench, proxy } = await openSockets(['tauri://localhost']);
    const open = (headers: Record<string, string>) => openTestSocket(proxy, { headers });
    await expect(open({ origin: 'http://evil.example' })).rejects.toMatchObject({
      status: 403,
      body: { code: 'ORIGIN_NOT_ALLOWED' },
    });
    await expect(open({ host: 'evil.example' })).rejects.toMatchObject({ status: 421 });
    const tap = await open({ origin: 'tauri://localhost' });
    await tap.waitForFrame((frame) => frame.type === 'welcome');
    await bench.stop();
  });

  it('[PX7] is refused as the server refuses it, and with 503 when there is none', async () => {
    const { bench } = await openSockets();
    const proxy = (await startProxyServer(bench.url, 'no-token')).replace('http', 'ws');
    await expect(openTestSocket(proxy)).rejects.toMatchObject({
      status: 401,
      body: { code: 'UNAUTHORIZED' },
    });
    await bench.stop();
    const fake = await startFakeServer(() => {});
    const alone = (await startProxyServer(fake.url, 'token')).replace('http', 'ws');
    await fake.stop();
    await expect(openTestSocket(alone)).rejects.toMatchObject({ status: 503, body: { code: 'NOT_READY' } });
  });
});
