import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { settingMeta, settingNames } from '../../config/settings.ts';
import { sessionViewSchema } from '../../domain/work/session.ts';
import { type CommandContext, command } from '../command/command.ts';
import { listenForStopSignal } from '../command/stop-signal.ts';
import { RetryingClient } from '../server/retrying-client.ts';
import { connectionFlags, createServerConnector, ResponseError } from '../server/server-client.ts';
import { runProgram } from './agent-process.ts';
import { type AgentRunner, runSession, type TaskRun } from './agent-session.ts';

const pollIntervalMs = 1000;
/** How long a server that does not answer is waited for once the agent is to end. */
const drainTimeoutMs = 30_000;
const heartbeatMs = 60_000;
const pageSchema = z.object({ data: z.array(sessionViewSchema), nextCursor: z.string().nullable() });

/** Runs a program for the tasks of spawned sessions: what a launcher does, in full. */
export const agentCommand = command({
  name: 'agent',
  sentence: 'Claims spawned sessions and runs a program for each of their tasks: exit code 0 completes it.',
  operands: ['CMD', '[ARGS...]'],
  flags: {
    session: { type: 'string', value: 'ID', sentence: 'Works on this session, and ends.' },
    project: { type: 'string', value: 'ID', sentence: 'Works on sessions of this project only.' },
    launcher: {
      type: 'string',
      value: 'NAME',
      sentence: 'What it calls itself: under the same name it goes on with what it had claimed before.',
    },
    once: { type: 'boolean', sentence: 'Ends when no session waits, rather than wait for the next.' },
    ...connectionFlags,
  },
  async run({ flags, operands: [program = '', ...args] }, surroundings) {
    const signal = listenForStopSignal();
    const ending = new AbortController();
    let isDraining = false;
    const givingUp = new AbortController();
    void signal.received.then(async () => {
      isDraining = true;
      ending.abort();
      await setTimeout(drainTimeoutMs, undefined, { ref: false });
      givingUp.abort();
    });
    const server = new RetryingClient(createServerConnector(flags, surroundings), givingUp.signal);
    const env = inheritedEnvironment(surroundings);
    const launcherId = flags.launcher ?? `${hostname()}:${process.pid}`.replaceAll(/[^A-Za-z0-9_.:@-]/g, '-');
    const hands: AgentRunner = {
      server,
      launcherId,
      heartbeatMs,
      isDraining: () => isDraining,
      run: async (job) =>
        runProgram(
          { program, args },
          { ...env, ...job.env, ...taskEnvironment(job), MAESTRO_SERVER_URL: await server.url() },
          job.cwd || surroundings.cwd,
          job.signal,
        ),
    };
    surroundings.printDiagnostic(`It works as ${launcherId}; Ctrl-C lets the task at hand end first.\n`);
    try {
      if (flags.session !== undefined)
        return (await runSession(flags.session, hands)) === 'completed' ? 0 : 1;
      // What could not be done is not in the way of the rest, and tried again when there is no rest.
      const left = new Set<string>();
      while (!isDraining) {
        const id = await findSession(hands, left, flags.project);
        if (id !== undefined) await tryRunSession(id, hands, left, surroundings);
        else if (flags.once) break;
        else {
          left.clear();
          await setTimeout(pollIntervalMs, undefined, { signal: ending.signal }).catch(() => {});
        }
      }
      return 0;
    } finally {
      signal.release();
    }
  },
});

const taskEnvironment = ({ taskId, title }: TaskRun) => ({
  MAESTRO_TASK_ID: taskId,
  MAESTRO_TASK_TITLE: title,
});

/** The environment of this process for the program, without the secrets of a server. */
function inheritedEnvironment({ environment }: CommandContext): Readonly<Record<string, string>> {
  const secrets: readonly string[] = settingNames.filter((name) => settingMeta(name).secret);
  const entries = Object.entries(environment()).filter(([name]) => !secrets.includes(name));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** A session this launcher has claimed before, else one that nobody has; undefined when none but those is there. */
async function findSession(
  { server, launcherId }: AgentRunner,
  left: ReadonlySet<string>,
  project?: string,
): Promise<string | undefined> {
  let free: string | undefined;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ active: 'true', envelope: 'true' });
    if (project !== undefined) query.set('projectId', project);
    if (cursor !== '') query.set('cursor', cursor);
    const page: z.infer<typeof pageSchema> = await server.get(pageSchema, `/api/sessions?${query}`);
    for (const { id, status, launch } of page.data.filter((session) => !left.has(session.id))) {
      if (launch?.launcherId === launcherId) return id;
      if (status === 'spawning' && launch !== undefined && launch.launcherId === undefined) free ??= id;
    }
    cursor = page.nextCursor;
  }
  return free;
}

/** Works on it, unless another was faster or it ends meanwhile: then it joins those that are left. */
async function tryRunSession(
  id: string,
  hands: AgentRunner,
  left: Set<string>,
  { printDiagnostic }: CommandContext,
): Promise<void> {
  try {
    await runSession(id, hands);
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    printDiagnostic(`Session ${id} is left: ${error.message}\n`);
    left.add(id);
  }
}
