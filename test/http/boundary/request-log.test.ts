import pino from 'pino';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { idSchema } from '../../../src/domain/values/id.ts';
import { loggableError } from '../../../src/http/boundary/loggable-error.ts';
import type { RequestLogger } from '../../../src/http/boundary/request-log.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';
import { createGate } from '../../support/time/gate.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl-_x';
const planted = 'planted-secret';
let arrived = createGate();
let release = createGate();

const endpoints = [
  endpoint({
    method: 'POST',
    path: '/things/:id',
    summary: 'Takes a thing.',
    permission: 'task:create',
    params: { id: idSchema },
    query: { note: z.string().optional() },
    body: z.object({ text: z.string() }),
    answer: json(z.unknown()),
    handle: () => ({}),
  }),
  endpoint({
    method: 'GET',
    path: '/fault',
    summary: 'Breaks, and says too much.',
    permission: 'public',
    answer: json(z.unknown()),
    handle: () => {
      throw new Error(`refused Bearer ${planted} and ${jwt}`, { cause: new Error(`token=${jwt}`) });
    },
  }),
  endpoint({
    method: 'GET',
    path: '/slow',
    summary: 'Takes its time.',
    permission: 'public',
    answer: json(z.unknown()),
    handle: async () => {
      arrived.open();
      await release.opened;
      return {};
    },
  }),
];

describe('the request log', () => {
  let served: ServedEndpoints;
  beforeEach(async () => {
    arrived = createGate();
    release = createGate();
    served = await serveEndpoints(endpoints);
  });
  afterEach(() => served.stop());

  it('[HT56] each request is one line of what is named here, and nothing else', async () => {
    const reply = await request(served.url)
      .post(`/things/${planted}?note=${planted}`)
      .set({ authorization: 'Bearer admin', cookie: planted, 'user-agent': planted })
      .send({ text: planted });
    expect(reply.status).toBe(200);
    const [line] = await served.waitForLogged(1);
    expect(line).toEqual({
      level: 'info',
      message: 'answered',
      fields: {
        requestId: reply.headers['x-request-id'],
        method: 'POST',
        route: '/things/:id',
        status: 200,
        ms: expect.any(Number),
        actor: 'ada',
      },
    });
  });

  it('[HT56] no secret gets into the log, wherever in a request it is', async () => {
    const send = (method: 'get' | 'post' | 'options', path: string) =>
      request(served.url)
        [method](path)
        .set({
          authorization: `Bearer ${planted}`,
          'x-request-id': `${planted}!`,
          host: `${planted}.example`,
        });
    await send('get', `/${planted}`);
    await request(served.url).get(`/${planted}?token=${planted}`).set('authorization', `Bearer ${planted}`);
    await request(served.url).post('/things/a').set('authorization', `Bearer ${planted}`);
    await request(served.url)
      .post('/things/a')
      .set('authorization', 'Bearer admin')
      .send({ text: 1, [planted]: 1 });
    await request(served.url).options(`/${planted}`);
    await request(served.url).get('/fault');
    const lines = await served.waitForLogged(6);
    expect(lines).toHaveLength(6);
    expect(lines.map(({ fields }) => fields.status)).toEqual([421, 404, 401, 400, 404, 500]);
    expect(JSON.stringify(lines)).not.toContain(planted);
    expect(JSON.stringify(lines)).not.toContain(jwt);
  });

  it('[HT57] tokens are cut out of the text of errors and of their causes', () => {
    const fault = new Error(`a Bearer ${planted}`, { cause: new Error(jwt, { cause: `Bearer ${planted}` }) });
    const text = JSON.stringify(loggableError(fault));
    expect(text).not.toContain(planted);
    expect(text).not.toContain(jwt.slice(0, 20));
    expect(loggableError(fault)).toMatchObject({ message: 'a [secret]', cause: { message: '[secret]' } });
    const circle = new Error('round');
    circle.cause = circle;
    expect(JSON.stringify(loggableError(circle)).length).toBeLessThan(100_000);
  });

  it('[HT58] a request whose client went away is logged as abandoned', async () => {
    const client = new AbortController();
    const gone = new Promise((resolve) => {
      served.server.once('connection', (socket) => socket.once('close', resolve));
    });
    const sent = fetch(`${served.url}/slow`, { signal: client.signal }).catch((error: Error) => error.name);
    await arrived.opened;
    client.abort();
    expect(await sent).toBe('AbortError');
    await gone;
    release.open();
    expect((await served.waitForLogged(1)).map(({ message }) => message)).toEqual(['abandoned']);
  });

  it('[HT56] a logger of pino is all it needs', () => {
    const logger: RequestLogger = pino({ enabled: false });
    expect(logger.info).toBeTypeOf('function');
  });
});
