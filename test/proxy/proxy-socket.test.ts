import { describe, expect, it } from 'vitest';
import { startFakeServer, startProxyServer } from '../support/servers/start-proxy-server.ts';
import { startRealtime } from '../support/servers/start-realtime.ts';
import { openTestSocket } from '../support/servers/test-socket.ts';
import { createCall, projectWithTasks } from '../support/services/service-harness.ts';

async function openSockets(origins: string[] = []) {
  const harness = await startRealtime();
  const token = await harness.createToken({ role: 'admin', projects: ['*'] });
  const proxy = (await startProxyServer(harness.url, token, { allowedOrigins: origins })).replace(
    'http',
    'ws',
  );
  return { harness, proxy };
}

describe('a socket through a proxy', () => {
  it('[PX6] that names no channels hears of everything, wherever it connects', async () => {
    const { harness, proxy } = await openSockets();
    for (const path of ['/', '/ws']) {
      const socket = await openTestSocket(proxy, { path });
      await socket.waitForFrame((frame) => frame.type === 'welcome');
      await socket.drain();
      const { taskIds } = await projectWithTasks(harness, 'Through');
      const { event, data } = await socket.waitForFrame((frame) => frame.type === 'task:created');
      expect([event, data.id]).toEqual(['task:created', taskIds[0]]);
      socket.send({ type: 'ping' });
      await socket.waitForFrame((frame) => frame.type === 'pong');
      socket.terminate();
    }
    await harness.stop();
  });

  it('[PX6] that names channels hears of those alone', async () => {
    const { harness, proxy } = await openSockets();
    const { project } = await projectWithTasks(harness);
    const socket = await openTestSocket(proxy, { path: `/ws?channels=project:${project.id}` });
    expect(await socket.waitForFrame((frame) => frame.type === 'subscribed')).toMatchObject({
      channel: `project:${project.id}`,
    });
    await harness.services.projects.create(createCall(), { name: 'Elsewhere' });
    await harness.services.tasks.create(createCall(), project.id, { title: 'Here' });
    await socket.waitForFrame((frame) => frame.type === 'task:created');
    expect(socket.events().map(({ type }) => type)).toEqual(['task:created']);
    await harness.stop();
  });

  it('[PX2] has the token of the proxy in place of any that was offered', async () => {
    const { harness, proxy } = await openSockets();
    for (const offered of [
      { protocols: ['maestro.v1', 'maestro.bearer.anything'] },
      { path: '/ws?ticket=anything' },
      { token: 'anything' },
    ]) {
      const socket = await openTestSocket(proxy, offered);
      expect((await socket.waitForFrame((frame) => frame.type === 'welcome')).actor.role).toBe('admin');
      socket.terminate();
    }
    await harness.stop();
  });

  it('[PX6] ends with the connection to the server, and the other way round', async () => {
    const { harness, proxy } = await openSockets();
    const one = await openTestSocket(proxy);
    await one.waitForFrame((frame) => frame.type === 'welcome');
    harness.closeAll(4000);
    expect((await one.closed).code).toBe(4000);
    const two = await openTestSocket(proxy);
    await two.waitForFrame((frame) => frame.type === 'welcome');
    harness.terminateAll();
    expect((await two.closed).code).toBe(1006);
    await harness.stop();
  });

  it('[PX5] is opened for names of this machine and for named origins only', async () => {
    const { harness, proxy } = await openSockets(['tauri://localhost']);
    const open = (headers: Record<string, string>) => openTestSocket(proxy, { headers });
    await expect(open({ origin: 'http://evil.example' })).rejects.toMatchObject({
      status: 403,
      body: { code: 'ORIGIN_NOT_ALLOWED' },
    });
    await expect(open({ host: 'evil.example' })).rejects.toMatchObject({ status: 421 });
    const socket = await open({ origin: 'tauri://localhost' });
    await socket.waitForFrame((frame) => frame.type === 'welcome');
    await harness.stop();
  });

  it('[PX7] is rejected as the server rejects it, and with 503 when the server cannot be reached', async () => {
    const { harness } = await openSockets();
    const proxy = (await startProxyServer(harness.url, 'no-token')).replace('http', 'ws');
    await expect(openTestSocket(proxy)).rejects.toMatchObject({
      status: 401,
      body: { code: 'UNAUTHORIZED' },
    });
    await harness.stop();
    const fake = await startFakeServer(() => {});
    const alone = (await startProxyServer(fake.url, 'token')).replace('http', 'ws');
    await fake.stop();
    await expect(openTestSocket(alone)).rejects.toMatchObject({ status: 503, body: { code: 'NOT_READY' } });
  });
});
