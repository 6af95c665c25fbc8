import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BuiltServer,
  createServerHome,
  type ServerReply,
  startBuiltServer,
} from '../support/servers/built-server.ts';
import { loopCount } from '../support/time/loop-count.ts';

const contenders = 64;

describe('many clients at one queue of the built server', () => {
  let home: Awaited<ReturnType<typeof createServerHome>>;
  let server: BuiltServer;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    home = await createServerHome();
    server = await startBuiltServer(home.path, { RATE_LIMIT_READS: '0', RATE_LIMIT_WRITES: '0' });
    const { hostname, port } = new URL(server.url);
    for (let i = 0; i < contenders; i++) {
      const socket = connect(Number(port), hostname);
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      sockets.push(socket);
    }
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await server?.stop();
    await home?.remove();
  });

  /** Writes a POST to every socket in one tick and reads one answer from each. */
  async function postAll(path: string): Promise<ServerReply[]> {
    const request = [
      `POST ${path} HTTP/1.1`,
      `Host: ${new URL(server.url).host}`,
      `Authorization: Bearer ${server.token}`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    const answers = sockets.map(readAnswer);
    for (const socket of sockets) socket.write(request);
    return Promise.all(answers);
  }

  it('[QU11] starts one item in each round, loses none and gets none stuck', async () => {
    const rounds = loopCount(5, 100);
    const { body: project } = await server.send('POST', '/api/projects', { name: 'Race' });
    const taskIds: string[] = [];
    for (let i = 0; i < rounds; i++) {
      const { body: task } = await server.send('POST', '/api/tasks', {
        projectId: project.id,
        title: `Task ${i}`,
      });
      taskIds.push(task.id);
    }
    const input = { projectId: project.id, taskIds, strategy: 'queue' };
    const { body: session } = await server.send('POST', '/api/sessions', input);
    const queue = `/api/sessions/${session.id}/queue`;
    for (let round = 0; round < rounds; round++) {
      const answers = await postAll(`${queue}/start`);
      const won = answers.filter((answer) => answer.status === 200);
      const lost = answers.filter((answer) => answer.status === 409);
      expect([won.length, lost.length]).toEqual([1, contenders - 1]);
      expect(won[0]?.body.item.taskId).toBe(taskIds[round]);
      for (const { body } of lost)
        expect(body).toMatchObject({ code: 'QUEUE_BUSY', details: { item: { taskId: taskIds[round] } } });
      const ends = await postAll(`${queue}/complete`);
      expect(ends.filter((answer) => answer.status === 200)).toHaveLength(1);
    }
    const { body } = await server.send('GET', queue);
    expect(body.stats).toEqual({
      total: rounds,
      queued: 0,
      processing: 0,
      completed: rounds,
      failed: 0,
      skipped: 0,
    });
  });

  it('[TK15] takes eight parallel changes of different fields of one task, over and over, and tears no file', async () => {
    const { body: project } = await server.send('POST', '/api/projects', { name: 'Fields' });
    const { body: task } = await server.send('POST', '/api/tasks', { projectId: project.id, title: 'One' });
    const file = join(home.path, 'data/tasks', project.id, `${task.id}.json`);
    for (let round = 0; round < loopCount(3, 50); round++) {
      const changes = [
        { title: `T${round}` },
        { description: 'D'.repeat(1 + ((round * 7919) % 50_000)) },
        { initialPrompt: `P${round}` },
        { labels: [`L${round}`] },
        { model: `M${round}` },
        { pinned: round % 2 === 0 },
        { skillIds: [`S${round}`] },
        { agentIds: [`A${round}`] },
      ];
      const replies = await Promise.all(
        changes.map((change) => server.send('PATCH', `/api/tasks/${task.id}`, change)),
      );
      expect(replies.map((reply) => reply.status)).toEqual(changes.map(() => 200));
      const { body } = await server.send('GET', `/api/tasks/${task.id}`);
      expect(body).toMatchObject(Object.assign({}, ...changes));
      const kept = await readFile(file, 'utf8').catch(() => '{}');
      expect(() => JSON.parse(kept)).not.toThrow();
    }
  });
});

function readAnswer(socket: Socket): Promise<ServerReply> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const end = text.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      if (end < 0 || length === undefined || Buffer.byteLength(text.slice(end + 4)) < Number(length)) return;
      socket.off('data', onData).off('error', reject);
      resolve({ status: Number(text.slice(9, 12)), body: JSON.parse(text.slice(end + 4)) });
    };
    socket.on('data', onData).once('error', reject);
  });
}
