import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { page } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { endpoints } from '../../../src/api/endpoints/catalogue.ts';
import { serviceEndpoints } from '../../../src/api/endpoints/service.ts';
import { listOf } from '../../../src/api/query-values.ts';
import { errorCodes } from '../../../src/domain/errors.ts';
import { idSchema } from '../../../src/domain/values/id.ts';
import { openApi } from '../../../src/http/reference/openapi.ts';
import {
  type ServedEndpoints,
  serveEndpoints,
  unlimitedSettings,
} from '../../support/servers/serve-endpoints.ts';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const run = promisify(execFile);

describe('the reference', () => {
  let http: HttpHarness;
  beforeAll(async () => {
    http = await startHttp();
  });
  afterAll(() => http.stop());

  const operations = () => Object.entries(openApi(endpoints, '1.2.3', unlimitedSettings).paths);

  it('[HT72] /openapi.json describes each endpoint of the catalogue, and an independent linter finds no fault', async () => {
    const { body } = await http.send('GET', '/openapi.json');
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      ),
    );
    expect(described.sort()).toEqual(endpoints.map(({ method, path }) => `${method} ${path}`).sort());
    const document = join(await createTempFolder(), 'openapi.json');
    await writeFile(document, JSON.stringify(body));
    const redocly = join(import.meta.dirname, '../../../node_modules/@redocly/cli/bin/cli.js');
    // Two paths that overlap have no method in common here, which the rule about paths does not look at.
    const flags = ['--format=json', '--skip-rule=no-ambiguous-paths'];
    const { stdout } = await run(process.execPath, [redocly, 'lint', document, ...flags], {
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    });
    expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  });

  it('[HT73] an operation tells what its endpoint takes, needs and answers', () => {
    const thing = z.object({ id: idSchema, colour: z.enum(['red', 'blue']) }).meta({ id: 'Thing' });
    const one = endpoint({
      method: 'GET',
      path: '/api/things/:id/parts',
      summary: 'Lists parts.',
      permission: 'task:read',
      params: { id: idSchema },
      query: {
        colour: listOf(z.enum(['red', 'blue']))
          .optional()
          .meta({ description: 'Which.' }),
      },
      answer: page(thing, { sorts: ['id'] }),
      errors: ['QUEUE_BUSY'],
      handle: () => ({ items: [], next: null }),
    });
    const document = openApi([one], '1.2.3', unlimitedSettings);
    const operation = document.paths['/api/things/{id}/parts']?.get;
    expect(operation).toMatchObject({
      operationId: 'getThingsByIdParts',
      tags: ['things'],
      security: [{ bearer: [] }],
      'x-permission': 'task:read',
    });
    expect(operation?.parameters.map(({ name }) => name)).toEqual([
      'id',
      'colour',
      'limit',
      'cursor',
      'count',
      'envelope',
      'sort',
      'fields',
    ]);
    expect(operation?.parameters[1]).toMatchObject({
      in: 'query',
      required: false,
      description: 'Which.',
      schema: { type: 'array', items: { enum: ['red', 'blue'] } },
      style: 'form',
      explode: false,
    });
    expect(Object.keys(operation?.responses ?? {})).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '409',
      '429',
    ]);
    expect(operation?.responses['409']?.description).toContain('QUEUE_BUSY');
    expect(document.components.schemas.Thing).toMatchObject({
      properties: { colour: { enum: ['red', 'blue'] } },
    });
    expect(document.components.schemas.Error).toMatchObject({ properties: { code: { enum: errorCodes } } });
  });

  it('[HT74] responses may get new fields: their schemas allow more, and the schemas of requests do not', () => {
    const { components, paths } = openApi(endpoints, '1.2.3', unlimitedSettings);
    expect(components.schemas.Task).not.toHaveProperty('additionalProperties');
    const patch = paths['/api/tasks/{id}']?.patch?.requestBody?.content['application/json']?.schema;
    expect(patch).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('[HT75] every reference within the document leads somewhere', () => {
    const document = openApi(endpoints, '1.2.3', unlimitedSettings);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, name = ''] of references) expect(document.components.schemas, name).toHaveProperty([name]);
  });

  it('[HT76] /docs shows each endpoint and each shape, needs nothing from elsewhere, and escapes what it shows', async () => {
    const { body: html, headers } = await http.send('GET', '/docs');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const [path, methods] of operations()) {
      expect(html).toContain(`<code>${path}</code>`);
      for (const { operationId } of Object.values(methods))
        expect(html).toContain(`<article id="${operationId}">`);
    }
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|\son\w+=|\sstyle=/);
    expect(
      [...html.matchAll(/(?:href|src)="([^"]*)"/g)]
        .map(([, target]) => target)
        .filter((target) => !/^[#/]/.test(target)),
    ).toEqual([]);
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? '';
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))).toString(
      'base64',
    );
    expect(headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`);
    const odd = endpoint({
      method: 'GET',
      path: '/odd',
      summary: '<b onclick="x">&',
      permission: 'public',
      answer: page(z.object({ id: z.literal('</style><script>') })),
      handle: () => ({ items: [], next: null }),
    });
    const served = await serveEndpoints([...serviceEndpoints, odd]);
    const shown = (await request(served.url).get('/docs')).text;
    await served.stop();
    expect(shown).toContain('&#60;b onclick=&#34;x&#34;&#62;&#38;');
    expect(shown).not.toContain('<script');
  });

  it('[HT77] GET / lists each endpoint in one line of text', async () => {
    const { body, headers } = await http.send('GET', '/');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    for (const { method, path, summary } of endpoints) {
      expect(body).toMatch(
        new RegExp(`^${method} +${path} +${summary.replaceAll(/[.?*()]/g, '\\$&')}$`, 'm'),
      );
    }
  });

  it('[HT78] /llms.txt tells an agent on one screen how to use the server, and each call it shows runs', async () => {
    const { body: text } = await http.send('GET', '/llms.txt');
    expect(text.split('\n').length).toBeLessThan(50);
    expect(text.length).toBeLessThan(4000);
    const [setup = '', ...calls] = /```sh\n(.*?)\n```/s.exec(text)?.[1]?.split('\n') ?? [];
    expect(calls).toHaveLength(10);
    const env: Record<string, string | undefined> = {
      PATH: process.env.PATH,
      URL: http.url,
      TOKEN: await http.createToken({ role: 'admin', projects: ['*'] }),
    };
    const names = { proj: 'PROJECT', task: 'TASK', sess: 'SESSION' } as const;
    for (const call of calls) {
      const { stdout } = await run('bash', ['-uc', `${setup}\n${call} --fail`], { env });
      const { id } = JSON.parse(stdout);
      const kind = String(id).split('_')[0] as keyof typeof names;
      if (kind in names) env[names[kind]] = id;
    }
    expect(Object.keys(env)).toEqual(['PATH', 'URL', 'TOKEN', 'PROJECT', 'TASK', 'SESSION']);
  });

  it('[HT79] /health tells that the process lives, and how the store fares when that is not well', async () => {
    const served = await serveEndpoints(serviceEndpoints, {
      server: { storeHealth: () => ({ status: 'full', detail: 'disk of /home/me' }) },
    });
    const { status, body } = await request(served.url).get('/health');
    await served.stop();
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      timestamp: expect.any(Number),
      uptime: expect.any(Number),
      store: 'full',
    });
    expect((await http.send('GET', '/health')).body).not.toHaveProperty('store');
  });

  it('[HT80] /ready is 503 while the server starts or stops, and when its store has failed', async () => {
    let ready = true;
    let status: 'ok' | 'full' | 'failed' = 'ok';
    const served: ServedEndpoints = await serveEndpoints(serviceEndpoints, {
      server: { isReady: () => ready, storeHealth: () => ({ status }) },
    });
    const get = async () => (await request(served.url).get('/ready')).status;
    expect(await get()).toBe(200);
    status = 'full';
    expect(await get()).toBe(200);
    status = 'failed';
    expect(await get()).toBe(503);
    [status, ready] = ['ok', false];
    expect(await get()).toBe(503);
    await served.stop();
  });
});
