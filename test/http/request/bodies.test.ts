import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/api/answer.ts';
import { endpoint, largeBodyLimits } from '../../../src/api/endpoint.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';

const free = z.record(z.string(), z.unknown());
const size = json(z.object({ length: z.number() }));

const endpoints = [
  endpoint({
    method: 'POST',
    path: '/usual',
    summary: 'Measures its body.',
    permission: 'public',
    body: free,
    answer: size,
    handle: ({ body }) => ({ length: JSON.stringify(body).length }),
  }),
  endpoint({
    method: 'POST',
    path: '/large',
    summary: 'Measures a large body.',
    permission: 'public',
    body: free,
    bodyLimits: largeBodyLimits,
    answer: size,
    handle: ({ body }) => ({ length: JSON.stringify(body).length }),
  }),
  endpoint({
    method: 'POST',
    path: '/start',
    summary: 'Takes nothing.',
    permission: 'public',
    answer: size,
    handle: () => ({ length: 0 }),
  }),
];

const type = 'application/json';

describe('bodies', () => {
  let served: ServedEndpoints;
  beforeAll(async () => {
    served = await serveEndpoints(endpoints);
  });
  afterAll(() => served.stop());

  const send = (
    path: string,
    body: string | Buffer,
    headers: Record<string, string> = { 'content-type': type },
  ) =>
    request(served.url)
      .post(path)
      .set(headers)
      .serialize((value) => value)
      .send(body as string);

  it('[HT9] an empty body is {}, whatever its type', async () => {
    for (const headers of [
      {},
      { 'content-type': type },
      { 'content-type': 'text/plain' },
      { 'content-length': '0' },
    ]) {
      expect((await request(served.url).post('/usual').set(headers)).body).toEqual({ length: 2 });
    }
    expect((await send('/start', '{}')).status).toBe(200);
    expect((await send('/start', '')).status).toBe(200);
  });

  it('[HT10] what is not JSON is MALFORMED_JSON', async () => {
    for (const body of ['{bad', '{"a":1', '{"a":1}}', 'undefined', '{"a":\u00011}']) {
      const reply = await send('/usual', body);
      expect(reply, body).toMatchObject({ status: 400, body: { error: true, code: 'MALFORMED_JSON' } });
      expect(reply.body.message).not.toContain('position');
    }
    for (const body of ['null', '7', '"x"', '[]']) {
      expect(await send('/usual', body), body).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_ERROR' },
      });
    }
  });

  it('[HT81] a body that is not UTF-8, or has half a surrogate pair in a text, is MALFORMED_JSON', async () => {
    const bodies = [
      Buffer.from('{"a":"caf\u00e9"}', 'latin1'),
      '{"a":"\\ud83d"}',
      '{"a":["\\ude00\\ud83d"]}',
      '{"\\udfff":1}',
    ];
    for (const body of bodies) {
      const reply = await send('/usual', body);
      expect(reply, body.toString()).toMatchObject({ status: 400, body: { code: 'MALFORMED_JSON' } });
    }
    expect((await send('/usual', '{"a":"\\ud83d\\ude00 \u{1f600}"}')).status).toBe(200);
  });

  it('[HT11] a body of more than 1 MiB is PAYLOAD_TOO_LARGE, also unzipped; endpoints that say so take 10 MiB', async () => {
    const mebibytes = (count: number) => JSON.stringify({ a: 'x'.repeat(count * 1024 * 1024) });
    expect(await send('/usual', mebibytes(1))).toMatchObject({
      status: 413,
      body: { code: 'PAYLOAD_TOO_LARGE' },
    });
    expect((await send('/usual', mebibytes(0.99))).status).toBe(200);
    expect((await send('/large', mebibytes(9.9))).status).toBe(200);
    expect((await send('/large', mebibytes(10))).status).toBe(413);
    const zipped = { 'content-type': type, 'content-encoding': 'gzip' };
    expect((await send('/usual', gzipSync(mebibytes(2)), zipped)).status).toBe(413);
    expect((await send('/usual', gzipSync(mebibytes(0.5)), zipped)).status).toBe(200);
  });

  it('[HT12] a body that is not application/json in UTF-8 is UNSUPPORTED_MEDIA_TYPE, never ignored', async () => {
    const rejected = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-7',
      'application/json; charset=utf-16',
      'application/jsonp',
      'x',
    ];
    for (const one of rejected) {
      const reply = await send('/usual', '{"a":1}', { 'content-type': one });
      expect(reply, one).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
      expect(reply.body.message).toContain('application/json');
    }
    const encoding = { 'content-type': type, 'content-encoding': 'compress' };
    expect((await send('/usual', '{"a":1}', encoding)).status).toBe(415);
    const taken = [
      'application/json; charset=utf-8',
      'Application/JSON;charset="UTF-8"',
      'application/merge-patch+json',
    ];
    for (const one of taken) {
      expect((await send('/usual', '{"a":1}', { 'content-type': one })).status, one).toBe(200);
    }
  });

  it('[HT13] a body nests 32 levels at most, checked without recursion', async () => {
    const nested = (levels: number) => '{"a":'.repeat(levels) + 1 + '}'.repeat(levels);
    const lists = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    for (const shape of [nested, lists]) {
      expect((await send('/usual', shape(32))).status).toBe(200);
      expect(await send('/usual', shape(33))).toMatchObject({
        status: 400,
        body: { code: 'MALFORMED_JSON' },
      });
      expect((await send('/usual', shape(100_000))).status).toBe(400);
    }
  });

  it('[HT14] an object has 1,000 keys at most, and a body 10,000; endpoints that say so take more', async () => {
    const object = (keys: number) => Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, 1]));
    const objects = (count: number) =>
      JSON.stringify({ list: Array.from({ length: count }, () => object(100)) });
    expect((await send('/usual', JSON.stringify(object(1000)))).status).toBe(200);
    expect(await send('/usual', JSON.stringify(object(1001)))).toMatchObject({
      body: { code: 'MALFORMED_JSON' },
    });
    expect((await send('/usual', objects(99))).status).toBe(200);
    expect((await send('/usual', objects(100))).status).toBe(400);
    expect((await send('/large', objects(1000))).status).toBe(200);
    expect((await send('/large', objects(2001))).status).toBe(400);
  });

  it('[HT15] a key that names a prototype is rejected at any depth', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      for (const body of [`{"${key}":{"a":1}}`, `{"list":[{"deep":{"${key}":1}}]}`]) {
        const reply = await send('/usual', body);
        expect(reply, body).toMatchObject({ status: 400, body: { code: 'MALFORMED_JSON' } });
        expect(reply.body.message).toContain(key);
      }
    }
    expect((await send('/usual', '{"\\u005f_proto__":1}')).status).toBe(400);
    expect((await send('/usual', '{"a":"__proto__"}')).status).toBe(200);
  });
});
