import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { AppError, type ErrorCode, errorCodes } from '../../../src/domain/errors.ts';
import { errorStatus } from '../../../src/http/boundary/error-status.ts';
import { expectRetryAfter } from '../../support/retry-after.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';

const said = json(z.unknown());
const secret = 'postgres://me:hunter2@db/tasks at /home/me/data';

const endpoints = [
  endpoint({
    method: 'GET',
    path: '/code/:code',
    summary: 'Throws.',
    permission: 'public',
    params: { code: z.enum(errorCodes) },
    answer: said,
    handle: ({ params }) => {
      throw new AppError(params.code, `It is ${params.code}.`, { version: 9 }, new Error(secret));
    },
  }),
  endpoint({
    method: 'GET',
    path: '/fault',
    summary: 'Breaks.',
    permission: 'public',
    answer: said,
    handle: () => Promise.reject(Object.assign(new Error(secret), { status: 400, expose: true })),
  }),
  endpoint({
    method: 'GET',
    path: '/text',
    summary: 'Throws what is no error.',
    permission: 'public',
    answer: said,
    handle: () => {
      throw secret;
    },
  }),
  endpoint({
    method: 'GET',
    path: '/unprintable',
    summary: 'Returns what JSON has no word for.',
    permission: 'public',
    answer: said,
    handle: () => ({ big: 1n }),
  }),
];

describe('errors', () => {
  let served: ServedEndpoints;
  beforeAll(async () => {
    served = await serveEndpoints(endpoints);
  });
  afterAll(() => served.stop());

  const get = (path: string) => request(served.url).get(path);

  it('[HT52] every error of the catalogue has a status of its kind and the one shape', async () => {
    for (const code of errorCodes) {
      const statusCode = errorStatus[code];
      const reply = await get(`/code/${code}`);
      expect(reply.status, code).toBe(statusCode);
      expect(statusCode).toBeGreaterThanOrEqual(400);
      expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(reply.body).toEqual({
        error: true,
        statusCode,
        code,
        message: `It is ${code}.`,
        details: { version: 9 },
        requestId: reply.headers['x-request-id'],
      });
    }
  });

  it('[HT53] the headers say how to authenticate and which version is the present one', async () => {
    const headersOf = async (code: ErrorCode) => (await get(`/code/${code}`)).headers;
    expect((await headersOf('UNAUTHORIZED'))['www-authenticate']).toBe('Bearer realm="maestro-server"');
    expect((await headersOf('PRECONDITION_FAILED')).etag).toBe('"9"');
  });

  it('[HT83] every error that is to be retried later says when, and no other', async () => {
    for (const code of errorCodes) {
      const { headers } = await get(`/code/${code}`);
      expectRetryAfter(code, headers['retry-after']);
    }
  });

  it('[HT54] a fault of ours tells the client a request id and nothing else; the log gets the rest', async () => {
    for (const path of ['/fault', '/text', '/unprintable']) {
      const before = served.lines.length;
      const reply = await get(path);
      expect(reply, path).toMatchObject({
        status: 500,
        body: { code: 'INTERNAL_ERROR', requestId: reply.headers['x-request-id'] },
      });
      expect(reply.text).not.toMatch(/hunter2|home|BigInt|stack/);
      const lines = await served.waitForLogged(before + 1);
      expect(lines.at(-1)).toMatchObject({
        level: 'error',
        fields: { requestId: reply.headers['x-request-id'], status: 500 },
      });
    }
    expect(JSON.stringify(served.lines)).toContain('/home/me/data');
  });

  it('[HT54] the cause of a known error goes to the log only, and only when the fault is ours', async () => {
    const before = served.lines.length;
    expect((await get('/code/STORE_FAILED')).text).not.toContain('hunter2');
    expect((await get('/code/CONFLICT')).text).not.toContain('hunter2');
    const [ours, theirs] = (await served.waitForLogged(before + 2)).slice(before);
    expect(ours).toMatchObject({ level: 'error', fields: { err: { cause: { message: secret } } } });
    expect(theirs).toMatchObject({ level: 'info' });
    expect(theirs?.fields).not.toHaveProperty('err');
  });

  it('[HT55] a request id of 8 to 64 letters, digits, "_" or "-" is kept, any other replaced', async () => {
    const send = async (id: string) =>
      (await get('/nothing').set('x-request-id', id)).headers['x-request-id'];
    expect(await send('my-request_1')).toBe('my-request_1');
    for (const id of ['short', 'x'.repeat(65), 'has space in it', 'new"line{}']) {
      expect(await send(id)).toMatch(/^[0-9a-f-]{36}$/);
    }
    const [a, b] = [await get('/nothing'), await get('/nothing')];
    expect(a.headers['x-request-id']).not.toBe(b.headers['x-request-id']);
    expect(a.body.requestId).toBe(a.headers['x-request-id']);
  });
});
