import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RealtimeHarness, startRealtime } from '../support/servers/start-realtime.ts';
import type { TestSocket } from '../support/servers/test-socket.ts';
import { createCall, projectWithTasks } from '../support/services/service-harness.ts';
import { nextEventLoopTurn } from '../support/time/event-loop-turn.ts';

describe('a hostile client', () => {
  let harness: RealtimeHarness;
  let token: string;
  let bystander: TestSocket;
  let project: string;

  beforeEach(async () => {
    harness = await startRealtime();
    token = await harness.createToken({ role: 'admin', projects: ['*'] });
    project = (await projectWithTasks(harness)).project.id;
    bystander = await harness.openSocket({ token });
    await bystander.request({ type: 'subscribe', channel: `project:${project}` });
  });
  afterEach(async () => {
    await harness.services.tasks.create(createCall(), project, { title: 'Still here' });
    await bystander.waitForFrame(({ data }) => data?.title === 'Still here');
    await harness.stop();
    expect(harness.logged.join()).not.toContain(token);
    expect(harness.logged.filter((line) => line.includes('fault'))).toEqual([]);
  });

  /** A socket whose bytes the test writes itself, upgraded already. */
  async function raw(before: Buffer = Buffer.alloc(0)): Promise<{ socket: Socket; ended: Promise<Buffer> }> {
    const socket = connect(Number(new URL(harness.url).port), '127.0.0.1');
    const parts: Buffer[] = [];
    const ended = new Promise<Buffer>((resolve) => socket.on('close', () => resolve(Buffer.concat(parts))));
    socket.on('error', () => {});
    const upgraded = new Promise<void>((resolve) => {
      socket.on('data', (part) => {
        parts.push(part);
        resolve();
      });
      socket.on('close', () => resolve());
    });
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    socket.write(before);
    await upgraded;
    return { socket, ended };
  }

  /** A masked frame of a client. */
  function frame(opcode: number, payload: Buffer, final = true): Buffer {
    const header = Buffer.alloc(8);
    header[0] = (final ? 0x80 : 0) | opcode;
    header[1] = 0x80 | 126;
    header.writeUInt16BE(payload.length, 2);
    return Buffer.concat([header, payload]);
  }

  /** The code of the close frame at the end of what the server sent. */
  const closeCode = (sent: Buffer) => sent.readUInt16BE(sent.lastIndexOf(0x88) + 2);

  it('[RT25] that sends a megabyte before the handshake ends is closed, and nobody else is', async () => {
    const header = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]);
    const { ended } = await raw(Buffer.concat([header, Buffer.alloc(1024 * 1024, ' ')]));
    expect(closeCode(await ended)).toBe(1009);
  });

  it('[RT25] that floods with fragments is closed by 1008', async () => {
    const { socket, ended } = await raw();
    socket.write(frame(1, Buffer.from('['), false));
    for (let i = 0; i < 100; i++) socket.write(frame(0, Buffer.from('1'), false));
    expect(closeCode(await ended)).toBe(1008);
  });

  it('[RT25] that sends invalid UTF-8 is closed by 1007', async () => {
    const { socket, ended } = await raw();
    socket.write(frame(1, Buffer.from([0xff, 0xfe, 0x80])));
    expect(closeCode(await ended)).toBe(1007);
  });

  it('[RT25] that does not mask its frames is closed by 1002', async () => {
    const { socket, ended } = await raw();
    socket.write(Buffer.from([0x81, 0x02, 0x7b, 0x7d]));
    expect(closeCode(await ended)).toBe(1002);
  });

  it('[RT25] that sends a frame beyond 64 KiB is closed by 1009, and binary by 4500', async () => {
    const large = await harness.openSocket({ token });
    large.send({ type: 'ping', padding: 'x'.repeat(65_536) });
    expect((await large.closed).code).toBe(1009);
    const binary = await harness.openSocket({ token });
    binary.ws.send(Buffer.from('{"type":"ping"}'));
    expect((await binary.closed).code).toBe(4500);
  });

  it('[RT25] that sends what is no frame hears so and lives on', async () => {
    const socket = await harness.openSocket({ token });
    const depth = 10_000;
    const bad: [string, string][] = [
      ['no json', 'BAD_REQUEST'],
      ['[{"type":"ping"}]', 'BAD_REQUEST'],
      ['null', 'BAD_REQUEST'],
      [`${'['.repeat(depth)}${']'.repeat(depth)}`, 'BAD_REQUEST'],
      [`{"type":"subscribe","channel":${'['.repeat(depth)}${']'.repeat(depth)}}`, 'BAD_REQUEST'],
      ['{"type":"ping","__proto__":{"admin":true}}', 'BAD_REQUEST'],
      ['{"type":"subscribe","channel":"workspace","constructor":1}', 'BAD_REQUEST'],
      ['{"type":"subscribe"}', 'BAD_REQUEST'],
      ['{"type":"subscribe","channel":"workspace","channels":["workspace"]}', 'BAD_REQUEST'],
      ['{"type":"subscribe","channel":"../../etc"}', 'UNKNOWN_CHANNEL'],
      ['{"type":"subscribe","channel":"project:"}', 'UNKNOWN_CHANNEL'],
      [`{"type":"subscribe","channel":"project:${'a'.repeat(129)}"}`, 'UNKNOWN_CHANNEL'],
      ['{"type":"subscribe","channel":"workspace","since":"x:01"}', 'BAD_REQUEST'],
      ['{"type":"__proto__"}', 'UNKNOWN_TYPE'],
      ['{"type":"subscrbe","id":"near"}', 'UNKNOWN_TYPE'],
      ['{"type":7}', 'UNKNOWN_TYPE'],
    ];
    for (const [text, code] of bad) {
      const before = socket.frames.length;
      socket.send(text);
      await socket.drain();
      expect(socket.frames[before], text.slice(0, 80)).toMatchObject({ type: 'error', error: { code } });
    }
    const near = socket.frames.find(({ id }) => id === 'near');
    expect(near?.error.message).toContain('did you mean subscribe?');
  });

  it('[RT25] that sends frames of the server moves nothing', async () => {
    const socket = await harness.openSocket({ token });
    for (const type of ['task:created', 'welcome', 'subscribed', 'bye', 'token_expiring']) {
      expect(await socket.request({ type, channel: `project:${project}`, data: {} })).toMatchObject({
        error: { code: 'UNKNOWN_TYPE' },
      });
    }
    expect(bystander.events()).toEqual([]);
  });

  it('[RT25] whose token ends while it is sent the log is closed by 4200', async () => {
    const task = await harness.services.tasks.create(createCall(), project, { title: 'Long' });
    for (let i = 0; i < 600; i++) {
      await harness.services.tasks.update(createCall(), task.id, {
        title: `${i}`,
        description: 'x'.repeat(20_000),
      });
      await nextEventLoopTurn();
    }
    const short = await harness.createToken(
      { role: 'admin', projects: ['*'] },
      { expiresAt: Date.now() + 20_000 },
    );
    const socket = await harness.openSocket({ token: short });
    socket.ws.pause();
    const { epoch } = await harness.store.read((reader) => reader.events.head(`project:${project}`));
    socket.send({ type: 'subscribe', channel: `project:${project}`, since: `${epoch}:0` });
    await expect.poll(() => harness.bridge.status().some(({ waitingBytes }) => waitingBytes > 0)).toBe(true);
    harness.tick(20_000);
    socket.ws.resume();
    expect((await socket.closed).code).toBe(4200);
    expect(socket.events().length).toBeLessThan(600);
  });
});
