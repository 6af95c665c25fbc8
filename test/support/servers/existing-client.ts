import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { z } from 'zod';
import { startApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { ProxyServer } from '../../../src/proxy/proxy-server.ts';
import { readTextFile } from '../../../src/system/machine/private-file.ts';
import { openLog } from '../../../src/system/process/log.ts';
import { storeSettings } from '../stores/configured-store.ts';

/** The two ways in that clients without a token have. */
export const accessModes = ['AUTH=off', 'a proxy'] as const;

/** The page of the dashboard. */
export const dashboardOrigin = 'http://localhost:5173';

/** A whole server, reached in one of the access modes. */
export interface OpenServer {
  /** The URL that a client is given for the server. */
  readonly url: string;
  /** The URL that the dashboard is given for its socket. */
  readonly socketUrl: string;
  readonly dataDir: string;
  readonly skillsDir: string;
  /** Stops the server in order; the files in its folder are exact then. */
  readonly stop: () => Promise<void>;
  /** Stops it and takes its folder away. */
  readonly remove: () => Promise<void>;
}

/** Starts the server with a folder of its own and opens gives access to it in one of the modes. */
export async function startServerWithAccess(access: (typeof accessModes)[number]): Promise<OpenServer> {
  const home = await mkdtemp(join(tmpdir(), 'maestro-access-'));
  const dataDir = join(home, 'data');
  const skillsDir = join(home, 'skills');
  const { log } = openLog({ level: 'error', format: 'json', target: join(home, 'log') });
  const more = access === 'AUTH=off' ? { AUTH: 'off', CORS_ORIGINS: dashboardOrigin } : {};
  const env = {
    DATA_DIR: dataDir,
    SKILLS_DIR: skillsDir,
    SESSION_DIR: join(home, 'sessions'),
    PORT: '0',
    ...(await storeSettings(home)),
    ...more,
  };
  const app = await startApp(readConfig(env, home, home), log);
  const token = (await readTextFile(join(dataDir, 'auth', 'admin-token'))) ?? '';
  const proxy = new ProxyServer({
    upstream: { url: new URL(app.url), token: async () => token },
    allowedOrigins: [dashboardOrigin],
    isAllowedPeer: () => true,
  });
  const url = access === 'AUTH=off' ? app.url : await proxy.listen('127.0.0.1', 0);
  let stopped: Promise<void> | undefined;
  const end = async () => {
    if (access !== 'AUTH=off') await proxy.close();
    await app.stop();
  };
  const stop = () => {
    stopped ??= end();
    return stopped;
  };
  const socketUrl = url.replace('http', 'ws') + (access === 'AUTH=off' ? '/?channels=*' : '/');
  const remove = async () => {
    await stop();
    await rm(home, { recursive: true, force: true });
  };
  return { url, socketUrl, dataDir, skillsDir, stop, remove };
}

/** What came back, as the client sees it. */
export interface ClientReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: clients look into answers of every shape
  readonly body: any;
}

/** Sends a request and gives back its answer, which every client parses as JSON whatever its status. */
export type ClientSend = (method: string, path: string, body?: unknown) => Promise<ClientReply>;

/** Sends what the agent program sends: these headers, in this order, with every method; below `/api`. */
export function agentProgramClient(url: string): ClientSend {
  return (method, path, body) =>
    send(`${url}/api${path}`, method, body, [
      ...['Content-Type', 'application/json', 'Accept', '*/*', 'User-Agent', 'node-fetch'],
      ...['Accept-Encoding', 'gzip, deflate, br', 'Connection', 'close'],
    ]);
}

/** Sends what the page of the dashboard sends: the question of the browser first, as the content type is JSON. */
export function dashboardClient(url: string): ClientSend {
  return async (method, path, body) => {
    const page = [
      'Origin',
      dashboardOrigin,
      'Sec-Fetch-Site',
      'cross-site',
      'Sec-Fetch-Mode',
      'cors',
      'Accept',
      '*/*',
    ];
    const question = [
      'Access-Control-Request-Method',
      method,
      'Access-Control-Request-Headers',
      'content-type',
    ];
    const allowed = await send(`${url}/api${path}`, 'OPTIONS', undefined, [...page, ...question]);
    expect(allowed.status).toBeLessThan(300);
    expect(allowed.headers['access-control-allow-origin']).toBe(dashboardOrigin);
    expect(allowed.headers['access-control-allow-methods']).toContain(method);
    const reply = await send(`${url}/api${path}`, method, body, [
      ...page,
      'Content-Type',
      'application/json',
    ]);
    expect(reply.headers['access-control-allow-origin']).toBe(dashboardOrigin);
    return reply;
  };
}

async function send(
  url: string,
  method: string,
  body: unknown,
  headers: readonly string[],
): Promise<ClientReply> {
  const bytes = body === undefined ? undefined : JSON.stringify(body);
  const length = bytes === undefined ? [] : ['Content-Length', `${Buffer.byteLength(bytes)}`];
  const { host } = new URL(url);
  const req = request(url, { method, headers: ['Host', host, ...headers, ...length], agent: false });
  req.end(bytes);
  const [res] = await once(req, 'response');
  const received = await text(res);
  const parsed = received === '' ? {} : JSON.parse(received);
  return { status: res.statusCode, headers: res.headers, body: parsed };
}

/** Checks that the answer is a success and has every field that the client reads, and gives its body. */
export function expectSuccess<Schema extends z.ZodType>(
  reply: ClientReply,
  schema: Schema,
): z.output<Schema> {
  expect(reply.status, JSON.stringify(reply.body)).toBeOneOf([200, 201]);
  const parsed = schema.safeParse(reply.body);
  expect(parsed.error?.issues, JSON.stringify(reply.body)).toBeUndefined();
  return parsed.data as z.output<Schema>;
}

/** Checks that the answer is an error as clients read it: a message to show, and the status that their exit code is of. */
export function expectError(reply: ClientReply, status: number): string {
  expect(reply.status, JSON.stringify(reply.body)).toBe(status);
  return z.looseObject({ error: z.literal(true), message: z.string().min(1) }).parse(reply.body).message;
}
