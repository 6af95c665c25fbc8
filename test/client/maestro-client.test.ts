import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type ClientOptions, connect, type MaestroClient } from '../../src/client/maestro-client.ts';
import { closeCodes } from '../../src/realtime/protocol/close-codes.ts';
import { type RealtimeHarness, startRealtime } from '../support/servers/start-realtime.ts';
import { createCall, projectWithTasks } from '../support/services/service-harness.ts';
import { createGate } from '../support/time/gate.ts';

/** What a client told its user, and a way to wait for it. */
class Diary {
  readonly lines: string[] = [];
  #waiting = new Set<() => void>();

  note(line: string): void {
    this.lines.push(line);
    for (const look of [...this.#waiting]) look();
  }

  until(wanted: (lines: string[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!wanted(this.lines)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  has(line: string): Promise<void> {
    return this.until((lines) => lines.includes(line));
  }
}

describe('a client', () => {
  let harness: RealtimeHarness;
  let token: string;
  let project: string;
  let taskId: string;
  let diary: Diary;
  const clients: MaestroClient[] = [];

  beforeEach(async () => {
    harness = await startRealtime();
    token = await harness.createToken({ role: 'admin', projects: ['*'], subject: 'ada' });
    const made = await projectWithTasks(harness, 'One');
    project = `project:${made.project.id}`;
    taskId = made.taskIds[0] ?? '';
    diary = new Diary();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await harness.stop();
  });

  function client(changes: Partial<ClientOptions> = {}): MaestroClient {
    const made = connect({
      url: harness.url,
      WebSocket,
      token: () => token,
      onEvent: ({ type, data }) => diary.note(`${type} ${'title' in data ? data.title : ''}`),
      onFollowed: (channel) => diary.note(`followed ${channel}`),
      onEnded: (channel, reason) => diary.note(`ended ${channel} ${reason}`),
      onState: (state) => {
        if (state !== 'connecting') diary.note(state);
      },
      ...changes,
    });
    clients.push(made);
    return made;
  }

  const rename = (title: string) => harness.services.tasks.update(createCall(), taskId, { title });

  it('[CL1] follows channels and hears their events', async () => {
    client().follow(project);
    await diary.has(`followed ${project}`);
    await rename('Two');
    await diary.has('task:updated Two');
    expect(diary.lines).toEqual(['open', `followed ${project}`, 'task:updated Two']);
  });

  it('[CL1] sends its token as header or as subprotocol', async () => {
    for (const credential of ['header', 'subprotocol'] as const) {
      diary = new Diary();
      client({ credential }).follow(project);
      await diary.has(`followed ${project}`);
    }
  });

  it('[CL2] goes on after a cut without a gap and without a repetition', async () => {
    client().follow(project);
    await diary.has(`followed ${project}`);
    await rename('Before');
    await diary.has('task:updated Before');
    const cut = diary.until((lines) => lines.includes('waiting'));
    harness.terminateAll();
    await cut;
    await rename('Meanwhile');
    await diary.has('task:updated Meanwhile');
    await rename('After');
    await diary.has('task:updated After');
    expect(diary.lines.filter((line) => line.startsWith('task:'))).toEqual([
      'task:updated Before',
      'task:updated Meanwhile',
      'task:updated After',
    ]);
  });

  it('[CL6] is where it was in a channel when another of the stream catches up, or it is asked for again', async () => {
    const { epoch, seq } = await harness.store.read((reader) => reader.events.head(project as 'workspace'));
    await rename('Two');
    await rename('Three');
    const follower = client();
    follower.follow(project, `${epoch}:${seq + 2}`);
    await diary.has(`followed ${project}`);
    follower.follow(`task:${taskId}`, `${epoch}:${seq}`);
    await diary.has('task:updated Three');
    follower.follow(project);
    expect(follower.position(project)).toBe(`${epoch}:${seq + 2}`);
    harness.terminateAll();
    await diary.has('waiting');
    await rename('Meanwhile');
    await diary.has('task:updated Meanwhile');
    expect(diary.lines.filter((line) => line.startsWith('task:'))).toEqual([
      'task:updated Two',
      'task:updated Three',
      'task:updated Meanwhile',
    ]);
  });

  it('[CL7] follows as many channels as it may at once, also when it asks too often', async () => {
    const tasks: string[] = [];
    for (let i = 0; i < 90; i++) {
      const task = await harness.services.tasks.create(createCall(), project.slice('project:'.length), {
        title: `${i}`,
      });
      tasks.push(`task:${task.id}`);
    }
    const follower = client();
    await diary.has('open');
    for (const [i, channel] of tasks.entries()) {
      follower.follow(channel);
      if (i < 80) await Promise.resolve();
    }
    await diary.until((lines) => lines.filter((line) => line.startsWith('followed')).length === tasks.length);
  });

  it('[CL3] tells its user when its position is lost, and goes on from where the user read again', async () => {
    const asked = createGate();
    const follower = client({
      onPositionLost: async (channel) => {
        diary.note(`lost ${channel}`);
        const { headers } = await harness.send('GET', `/api/tasks/${taskId}`, { token });
        const position = headers.get('x-event-position')?.split('=')[1];
        await rename('While reading');
        asked.open();
        return position;
      },
    });
    follower.follow(project, 'another-epoch:7');
    await asked.opened;
    await diary.has('task:updated While reading');
    expect(diary.lines.filter((line) => line !== 'open')).toEqual([
      `lost ${project}`,
      `followed ${project}`,
      'task:updated While reading',
    ]);
  });

  it('[CL4] asks for a new token once when the server refuses it, then stops', async () => {
    const asked: boolean[] = [];
    client({
      token: ({ renew }) => {
        asked.push(renew);
        return 'nonsense';
      },
    });
    await diary.has('stopped');
    expect(asked).toEqual([false, true]);
    diary = new Diary();
    client({ token: ({ renew }) => (renew ? token : 'nonsense') }).follow(project);
    await diary.has(`followed ${project}`);
  });

  it('[CL4] renews its token when told that it expires, and on the same connection', async () => {
    const renewed = createGate();
    await harness.stop();
    harness = await startRealtime({
      authenticator: (real) => ({
        async verify(given) {
          const actor = await real.verify(given);
          if (given === token) renewed.open();
          return actor;
        },
      }),
    });
    token = await harness.createToken({ role: 'admin', projects: ['*'], subject: 'ada' });
    const made = await projectWithTasks(harness, 'One');
    project = `project:${made.project.id}`;
    taskId = made.taskIds[0] ?? '';
    const short = await harness.createToken(
      { role: 'admin', projects: ['*'], subject: 'ada' },
      { expiresAt: Date.now() + 90_000 },
    );
    client({ token: ({ renew }) => (renew ? token : short) }).follow(project);
    await diary.has(`followed ${project}`);
    harness.tick(31_000);
    await renewed.opened;
    await rename('Renewed');
    await diary.has('task:updated Renewed');
    harness.tick(60_000);
    await rename('Still here');
    await diary.has('task:updated Still here');
    expect(diary.lines).not.toContain('waiting');
  });

  it('[CL5] does what the range of the close code says', async () => {
    client().follow(project);
    await diary.has(`followed ${project}`);
    harness.closeAll(closeCodes.draining);
    await diary.until((lines) => lines.filter((line) => line === `followed ${project}`).length === 2);
    harness.closeAll(closeCodes.forbidden);
    await diary.has('stopped');
    await expect.poll(() => harness.bridge.size).toBe(0);
  });

  it('[CL1] tells its user which channel it cannot follow, or not any more', async () => {
    const follower = client();
    follower.follow('task:none');
    follower.follow(`task:${taskId}`);
    await diary.has(`followed task:${taskId}`);
    await harness.services.tasks.remove(createCall(), taskId);
    await diary.has(`ended task:${taskId} NOT_FOUND`);
    await diary.has('ended task:none NOT_FOUND');
    expect(follower.position(`task:${taskId}`)).toBeUndefined();
  });

  it('[CL1] says nothing more after it was closed or a channel was left', async () => {
    const follower = client();
    follower.follow(project);
    await diary.has(`followed ${project}`);
    follower.unfollow(project);
    await rename('Unheard');
    follower.close();
    await expect.poll(() => harness.bridge.size).toBe(0);
    expect(diary.lines).toEqual(['open', `followed ${project}`, 'stopped']);
  });
});
