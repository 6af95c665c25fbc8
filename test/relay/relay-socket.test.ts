import { describe, expect, it } from 'vitest';
import { call, projectWithTasks } from '../support/open-services.ts';
import { openTap } from '../support/socket-tap.ts';
import { startRealtime } from '../support/start-realtime.ts';
import { startFake, startRelay } from '../support/start-relay.ts';

async function openSockets(origins: string[] = []) {
  const bench = await startRealtime();
  const token = await bench.token({ role: 'admin', projects: ['*'] });
  const relay = (await startRelay(bench.url, token, { origins })).replace('http', 'ws');
  return { bench, relay };
}

describe('a socket through a relay', () => {
  it('[PX6] that names no channels hears of everything, wherever it connects', async () => {
    const { bench, relay } = await openSockets();
    for (const path of ['/', '/ws']) {
      const tap = await openTap(relay, { path });
      await tap.frame((frame) => frame.type === 'welcome');
      await tap.settled();
      const { taskIds } = await projectWithTasks(bench, 'Through');
      const { event, data } = await tap.frame((frame) => frame.type === 'task:created');
      expect([event, data.id]).toEqual(['task:created', taskIds[0]]);
      tap.send({ type: 'ping' });
      await tap.frame((frame) => frame.type === 'pong');
      tap.cut();
    }
    await bench.stop();
  });

  it('[PX6] that names channels hears of those alone', async () => {
    const { bench, relay } = await openSockets();
    const { project } = await projectWithTasks(bench);
    const tap = await openTap(relay, { path: `/ws?channels=project:${project.id}` });
    expect(await tap.frame((frame) => frame.type === 'subscribed')).toMatchObject({
      channel: `project:${project.id}`,
    });
    await bench.services.projects.create(call(), { name: 'Elsewhere' });
    await bench.services.tasks.create(call(), project.id, { title: 'Here' });
    await tap.frame((frame) => frame.type === 'task:created');
    expect(tap.events().map(({ type }) => type)).toEqual(['task:created']);
    await bench.stop();
  });

  it('[PX2] has the token of the relay in place of any that was offered', async () => {
    const { bench, relay } = await openSockets();
    for (const offered of [
      { protocols: ['maestro.v1', 'maestro.bearer.anything'] },
      { path: '/ws?ticket=anything' },
      { token: 'anything' },
    ]) {
      const tap = await openTap(relay, offered);
      expect((await tap.frame((frame) => frame.type === 'welcome')).actor.role).toBe('admin');
      tap.cut();
    }
    await bench.stop();
  });

  it('[PX6] ends with the one behind it, on either side', async () => {
    const { bench, relay } = await openSockets();
    const one = await openTap(relay);
    await one.frame((frame) => frame.type === 'welcome');
    bench.endAll(4000);
    expect((await one.closed).code).toBe(4000);
    const two = await openTap(relay);
    await two.frame((frame) => frame.type === 'welcome');
    bench.cutAll();
    expect((await two.closed).code).toBe(1006);
    await bench.stop();
  });

  it('[PX5] is opened for names of this machine and for named origins only', async () => {
    const { bench, relay } = await openSockets(['tauri://localhost']);
    const open = (headers: Record<string, string>) => openTap(relay, { headers });
    await expect(open({ origin: 'http://evil.example' })).rejects.toMatchObject({
      status: 403,
      body: { code: 'ORIGIN_NOT_ALLOWED' },
    });
    await expect(open({ host: 'evil.example' })).rejects.toMatchObject({ status: 421 });
    const tap = await open({ origin: 'tauri://localhost' });
    await tap.frame((frame) => frame.type === 'welcome');
    await bench.stop();
  });

  it('[PX7] is refused as the server refuses it, and with 503 when there is none', async () => {
    const { bench } = await openSockets();
    const relay = (await startRelay(bench.url, 'no-token')).replace('http', 'ws');
    await expect(openTap(relay)).rejects.toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
    await bench.stop();
    const fake = await startFake(() => {});
    const alone = (await startRelay(fake.url, 'token')).replace('http', 'ws');
    await fake.stop();
    await expect(openTap(alone)).rejects.toMatchObject({ status: 503, body: { code: 'NOT_READY' } });
  });
});
