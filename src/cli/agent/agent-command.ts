import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { settingMeta, settingNames } from '../../config/settings.ts';
import { launcherIdSchema } from '../../domain/work/launch.ts';
import { type CommandContext, command, UsageError } from '../command/command.ts';
import { listenForStopSignal } from '../command/stop-signal.ts';
import { RetryingClient } from '../server/retrying-client.ts';
import { connectionFlags, createServerConnector, ResponseError } from '../server/server-client.ts';
import { runProgram } from './agent-process.ts';
import { type AgentReport, formatReport } from './agent-report.ts';
import { type AgentRunner, runSession, type SessionOutcome, type TaskRun } from './agent-session.ts';
import { findSession } from './find-session.ts';
import { takeLauncherName } from './launcher-name.ts';

const pollIntervalMs = 1000;
/** How long a server that does not answer is waited for once the agent is to end. */
const drainTimeoutMs = 30_000;
const heartbeatMs = 60_000;
const defaultGraceSeconds = 10;

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
      sentence: 'Its name, under which it continues after a restart; by default one of this machine.',
    },
    once: { type: 'boolean', sentence: 'Ends when no session waits, rather than wait for the next.' },
    grace: {
      type: 'string',
      value: 'SECONDS',
      sentence: 'How long a program may take to end after SIGTERM, before SIGKILL; 10 by default.',
    },
    json: {
      type: 'boolean',
      sentence:
        'Prints a JSON object for each task started and ended; output of programs goes to standard error.',
    },
    ...connectionFlags,
  },
  async run({ flags, operands: [program = '', ...args] }, context) {
    const { home, cwd, printDiagnostic, print } = context;
    const graceMs = 1000 * graceSeconds(flags.grace);
    if (flags.launcher !== undefined) checkName(flags.launcher);
    const connect = createServerConnector(flags, context);
    const launcher = await takeLauncherName(flags.launcher, home, graceMs);
    const { launcherId } = launcher;
    const signal = listenForStopSignal();
    const { draining, givingUp } = watchSignal(signal.received);
    const server = new RetryingClient(connect, givingUp);
    const env = inheritedEnvironment(context);
    const output = flags.json ? 'stderr' : 'stdout';
    const report = (about: AgentReport) => {
      if (flags.json) print(`${JSON.stringify({ at: Date.now(), ...about })}\n`);
      else printDiagnostic(formatReport(about));
    };
    const runner: AgentRunner = {
      ...{ server, launcherId, report, heartbeatMs, isDraining: () => draining.aborted },
      run: async (task) => {
        const { url } = await server.connection();
        const given = { ...env, ...task.env, ...taskEnvironment(task), MAESTRO_SERVER_URL: url };
        const folder = resolve(cwd, inHome(task.cwd, home));
        const run = { env: given, cwd: folder, signal: task.signal, graceMs, output } as const;
        return runProgram({ program, args }, { ...run, onProcess: launcher.recordProgram });
      },
    };
    printDiagnostic(`It works as ${launcherId}; Ctrl-C lets the current task end first.\n`);
    try {
      if (flags.session !== undefined)
        return (await runSession(flags.session, runner)) === 'completed' ? 0 : 1;
      return await runSessions(runner, draining, { projectId: flags.project, once: flags.once ?? false });
    } finally {
      await launcher.release();
      signal.release();
    }
  },
});

/** Works on one session after the other; returns the exit code, which is 1 when it ended by itself and a task failed. */
async function runSessions(
  runner: AgentRunner,
  draining: AbortSignal,
  { projectId, once }: { readonly projectId: string | undefined; readonly once: boolean },
): Promise<number> {
  const { server, launcherId } = runner;
  // What could not be done is not in the way of the rest, and tried again when there is no rest.
  const left = new Set<string>();
  let hasFailed = false;
  while (!draining.aborted) {
    const id = await findSession(server, { launcherId, left, projectId });
    if (id !== undefined) {
      const outcome = await tryRunSession(id, runner);
      if (outcome === 'rejected') left.add(id);
      hasFailed ||= outcome === 'failed';
    } else if (once) return hasFailed ? 1 : 0;
    else {
      left.clear();
      await setTimeout(pollIntervalMs, undefined, { signal: draining }).catch(() => {});
    }
  }
  return 0;
}

/** Works on it, unless another was faster, or the server rejects what the agent does. */
async function tryRunSession(id: string, runner: AgentRunner): Promise<SessionOutcome | 'rejected'> {
  try {
    return await runSession(id, runner);
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    runner.report({ event: 'session_left', sessionId: id, reason: error.message });
    return 'rejected';
  }
}

/** The first signal lets the current task end; a server that does not answer then is waited for so long and no longer. */
function watchSignal(received: Promise<unknown>) {
  const draining = new AbortController();
  const givingUp = new AbortController();
  void received.then(async () => {
    draining.abort();
    await setTimeout(drainTimeoutMs, undefined, { ref: false });
    givingUp.abort();
  });
  return { draining: draining.signal, givingUp: givingUp.signal };
}

function graceSeconds(text: string | undefined): number {
  if (text === undefined) return defaultGraceSeconds;
  if (/^\d{1,5}(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`--grace is "${text}": it must be a number of seconds, as 10.`);
}

function checkName(launcherId: string): void {
  const issue = launcherIdSchema.safeParse(launcherId).error?.issues[0];
  if (issue !== undefined) throw new UsageError(`--launcher is "${launcherId}": ${issue.message}.`);
}

/** The path with the home of this user for the ~ at its start. */
function inHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

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
