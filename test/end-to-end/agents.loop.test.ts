import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../guards/source-file.ts';
import { createRandom, readSeed } from '../support/samples/random.ts';
import { type BuiltServer, createServerHome, startBuiltServer } from '../support/servers/built-server.ts';
import { loopCount } from '../support/time/loop-count.ts';

const realBacklog = join(repositoryRoot, '../shared/data/beads-backlog.jsonl');
const exampleBacklog = join(repositoryRoot, 'docs/examples/backlog.jsonl');
const program = join(repositoryRoot, 'test/support/programs/recording-agent.mjs');
const main = join(repositoryRoot, 'dist/main.js');
const plantedKey = 'planted-key-of-the-server';
const cleanups: (() => unknown)[] = [];

afterAll(async () => {
  for (const end of cleanups.reverse()) await end();
});

interface Run {
  readonly what: 'begun' | 'ended';
  readonly session: string;
  readonly token: string;
  readonly manifest: string;
  readonly keys: readonly string[];
}

const fails = (taskId: string) => taskId.charCodeAt(taskId.length - 1) % 5 === 0;

/** One agent process after the other under one name, until it is asked to stop. */
class Agent {
  readonly #args: readonly string[];
  readonly #home: string;
  #child: ChildProcess;
  #listens: Promise<unknown> = Promise.resolve();
  output = '';

  constructor(name: string, home: string, folder: string) {
    this.#home = home;
    this.#args = ['agent', '--launcher', name, '--', process.execPath, program, folder, '40'];
    this.#child = this.#start();
  }

  async restart(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
    this.#child = this.#start();
  }

  /** Ends it in good order, once it listens, and returns its exit code. */
  async stop(): Promise<number | null> {
    await this.#listens;
    return this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    return (await gone)[0];
  }

  #start(): ChildProcess {
    const env = {
      PATH: process.env.PATH,
      HOME: this.#home,
      DATA_DIR: join(this.#home, 'data'),
      LAUNCHER_API_KEY: 'its own',
    };
    const child = spawn(process.execPath, [main, ...this.#args], { cwd: this.#home, env, stdio: 'pipe' });
    this.#listens = Promise.race([once(child.stderr, 'data'), once(child, 'exit')]);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    return child;
  }
}

async function runsIn(folder: string): Promise<Map<string, Run[]>> {
  const runs = new Map<string, Run[]>();
  for (const taskId of await readdir(folder).catch(() => [])) {
    // Programs write while this reads: a file may be made and still empty, and only lines with their end are whole.
    const whole = (await readFile(join(folder, taskId), 'utf8')).split('\n').slice(0, -1);
    runs.set(
      taskId,
      whole.map((line) => JSON.parse(line)),
    );
  }
  return runs;
}

async function textsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
}

describe('agents', () => {
  it('[AG4] killed and restarted with their server, end every task once and run it at least once', async () => {
    const seed = readSeed();
    const random = createRandom(seed);
    const place = `TEST_SEED=${seed}`;
    const home = await createServerHome();
    const records = await createServerHome();
    cleanups.push(home.remove, records.remove);
    const env = {
      ...{ RATE_LIMIT_READS: '0', RATE_LIMIT_WRITES: '0', START_TIMEOUT: '600', AGENT_TOKEN_GRACE: '1' },
      ...{
        ANTHROPIC_API_KEY: plantedKey,
        OPENAI_API_KEY: plantedKey,
        SESSION_DIR: join(home.path, 'sessions'),
      },
    };
    let server: BuiltServer = await startBuiltServer(home.path, env);
    cleanups.push(() => server.kill());
    const outputs: string[] = [];

    const [agentCount, taskCount] = [loopCount(2, 8), loopCount(20, 200)];
    const backlog = loopCount(0, 1) === 1 && existsSync(realBacklog) ? realBacklog : exampleBacklog;
    await promisify(execFile)(
      process.execPath,
      [main, 'import', backlog, '--project', 'Backlog', '--server', server.url],
      {
        cwd: home.path,
        env: { PATH: process.env.PATH, HOME: home.path, MAESTRO_TOKEN: server.token },
      },
    );
    const [project] = (await server.send('GET', '/api/projects')).body;
    const listed = await server.send('GET', `/api/tasks?projectId=${project.id}&limit=${taskCount}`);
    const taskIds: string[] = listed.body.map((task: { id: string }) => task.id);
    const sessionIds: string[] = [];
    const share = Math.ceil(taskIds.length / (agentCount + 1));
    for (let first = 0; first < taskIds.length; first += share) {
      const { status, body } = await server.send('POST', '/api/sessions/spawn', {
        projectId: project.id,
        taskIds: taskIds.slice(first, first + share),
        strategy: first === 0 ? 'simple' : 'queue',
      });
      expect(status).toBe(201);
      sessionIds.push(body.sessionId);
    }
    const agents = Array.from(
      { length: agentCount },
      (_, number) => new Agent(`agent-${number}`, home.path, records.path),
    );
    cleanups.push(() => Promise.all(agents.map((agent) => agent.kill())));

    const step = loopCount(5, 8);
    for (let next = step, kills = 0; ; ) {
      const runs = await runsIn(records.path);
      const begun = [...runs.values()].flat().filter(({ what }) => what === 'begun').length;
      if (begun >= next && kills < loopCount(3, 40)) {
        kills += 1;
        next = begun + 1 + random(step);
        if (kills % 3 === 0) {
          await server.kill();
          outputs.push(server.output());
          server = await startBuiltServer(home.path, env);
        } else await agents[random(agents.length)]?.restart();
      }
      const { body } = await server.send('GET', '/api/sessions?active=true');
      if (body.length === 0) break;
      await setTimeout(20);
    }
    const codes = await Promise.all(agents.map((agent) => agent.stop()));
    expect(codes, place + agents.map(({ output }) => output).join('\n')).toEqual(agents.map(() => 0));

    const runs = await runsIn(records.path);
    for (const sessionId of sessionIds) {
      const { body: session } = await server.send('GET', `/api/sessions/${sessionId}`);
      expect(session.status, `${place}: ${agents.map(({ output }) => output).join('\n')}`).toBe(
        session.taskIds.some(fails) ? 'failed' : 'completed',
      );
      const timeline = await server.send('GET', `/api/sessions/${sessionId}/timeline?limit=1000`);
      for (const taskId of session.taskIds) {
        const { body: task } = await server.send('GET', `/api/tasks/${taskId}`);
        const end = fails(taskId) ? 'failed' : 'completed';
        expect(task.taskSessionStatuses, place).toEqual({ [sessionId]: end });
        expect(
          runs.get(taskId)?.some(({ what }) => what === 'ended'),
          `${place}: ${taskId} ran`,
        ).toBe(true);
        const entries = timeline.body.data.filter((entry: { taskId?: string }) => entry.taskId === taskId);
        const types = entries.map(({ type }: { type: string }) => type);
        expect(types.filter((type: string) => type === 'progress').length, place).toBeGreaterThan(0);
        if (session.strategy !== 'queue') continue;
        expect(types.filter((type: string) => /^task_(completed|failed)$/.test(type))).toEqual([
          `task_${end}`,
        ]);
      }
    }

    const all = [...runs.values()].flat();
    expect(new Set(all.flatMap(({ keys }) => keys))).toEqual(new Set(['LAUNCHER_API_KEY']));
    for (const { manifest, session } of all) expect(manifest).toContain(session);
    const tokens = new Set(all.map(({ token }) => token));
    for (const token of tokens) {
      const headers = { authorization: `Bearer ${token}` };
      while ((await fetch(`${server.url}/api/whoami`, { headers })).status !== 401) await setTimeout(20);
    }
    const { body: events } = await server.send('GET', `/api/projects/${project.id}/events?limit=1000`);
    await server.stop();
    const written = await textsIn(home.path);
    const admin = server.token;
    for (const text of [
      ...written,
      ...outputs,
      server.output(),
      JSON.stringify(events),
      ...agents.map((a) => a.output),
    ]) {
      expect(text.includes(plantedKey), 'a planted key').toBe(false);
      if (text.trim() !== admin) expect(/eyJ[\w-]+\.[\w-]+\./.test(text), 'a token').toBe(false);
    }
  });
});
