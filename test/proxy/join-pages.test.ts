import { describe, expect, it } from 'vitest';
import { startHttp } from '../support/servers/start-http.ts';
import { startFakeServer, startProxyServer } from '../support/servers/start-proxy-server.ts';
import { createCall, projectWithTasks } from '../support/services/service-harness.ts';

async function openLists() {
  const http = await startHttp();
  const token = await http.createToken({ role: 'viewer', projects: ['*'] });
  return { http, proxy: await startProxyServer(http.url, token) };
}

describe('a list through a proxy', () => {
  it('[PX4] is complete when no page was asked for, and passed on unchanged when one was', async () => {
    const { http, proxy } = await openLists();
    const titles = Array.from({ length: 450 }, (_, i) => `Task ${i}`);
    const { project } = await projectWithTasks(http, ...titles);
    const get = async (query: string) => {
      const response = await fetch(`${proxy}/api/tasks?projectId=${project.id}${query}`);
      return { headers: response.headers, body: JSON.parse(await response.text()) };
    };
    const whole = await get('&fields=title&count=true');
    expect(whole.body.map(({ title }: { title: string }) => title)).toEqual(titles);
    for (const name of ['x-has-more', 'x-next-cursor', 'link', 'content-length']) {
      expect(whole.headers.has(name), name).toBe(false);
    }
    expect(whole.headers.get('x-total-count')).toBe('450');
    expect(whole.headers.get('x-event-position')).toMatch(/^project:/);
    const page = await get('&limit=100');
    expect([page.body.length, page.headers.get('x-has-more')]).toEqual([100, 'true']);
    const next = await get(
      `&cursor=${encodeURIComponent(page.headers.get('x-next-cursor') ?? '')}&limit=100`,
    );
    expect(next.body[0].title).toBe('Task 100');
    expect((await get('&envelope=true')).body).toMatchObject({ hasMore: true });
    const short = await fetch(`${proxy}/api/projects`);
    expect(await short.json()).toEqual([await http.services.projects.get(createCall(), project.id)]);
    await http.stop();
  });

  it('[PX4] waits where the server says so, and is never taken for whole when a page fails', async () => {
    const paths: string[] = [];
    let refusals = 2;
    const { url } = await startFakeServer((req, res) => {
      paths.push(req.url ?? '');
      const cursor = new URL(req.url ?? '', 'http://localhost').searchParams.get('cursor');
      const more = { 'x-has-more': 'true', 'x-next-cursor': cursor === null ? 'b&c' : 'd' };
      if (cursor === null) res.writeHead(200, more).end('[1,2]');
      else if (cursor === 'b&c' && refusals-- > 0) res.writeHead(429, { 'retry-after': '0' }).end('{}');
      else if (cursor === 'b&c') res.writeHead(200, more).end('[]');
      else if (req.url?.startsWith('/fails')) res.writeHead(500).end('{"error":true}');
      else res.writeHead(200, { 'x-has-more': 'false' }).end('[3]');
    });
    const proxy = await startProxyServer(url, 'secret-token');
    const whole = await fetch(`${proxy}/list?a=1`, { headers: { 'content-type': 'application/json' } });
    expect(await whole.json()).toEqual([1, 2, 3]);
    expect(paths).toEqual([
      '/list?a=1',
      ...Array.from({ length: 3 }, () => '/list?a=1&cursor=b%26c'),
      '/list?a=1&cursor=d',
    ]);
    const failing = await fetch(`${proxy}/fails`);
    await expect(failing.text()).rejects.toThrow();
  });
});
