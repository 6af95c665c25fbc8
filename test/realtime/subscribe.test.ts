import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RealtimeBench, startRealtime } from '../support/start-realtime.ts';

describe('subscribing', () => {
  let bench: RealtimeBench;
  let token: string;
  let project: { id: string };

  beforeEach(async () => {
    bench = await startRealtime();
    token = await bench.token({ role: 'admin', projects: ['*'] });
    project = (await bench.send('POST', '/api/projects', { token, body: { name: 'One' } })).body;
  });
  afterEach(() => bench.stop());

  it('[RT1] delivers what is committed', async () => {
    const tap = await bench.tap({ token });
    const ack = await tap.ask({ type: 'subscribe', channel: `project:${project.id}` });
    expect(ack).toMatchObject({ type: 'subscribed', channel: `project:${project.id}`, recovered: false });
    await bench.send('POST', '/api/tasks', { token, body: { projectId: project.id, title: 'A' } });
    const event = await tap.frame((frame) => frame.event === 'task:created');
    expect(event).toMatchObject({ type: 'task:created', data: { title: 'A' } });
  });
});
