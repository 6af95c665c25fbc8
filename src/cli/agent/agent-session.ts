import type { ApiOperations } from '../../client/api-client.ts';
import { removeControlCharacters } from '../../domain/values/text.ts';
import type { RetryingClient } from '../server/retrying-client.ts';
import { ResponseError } from '../server/server-client.ts';
import type { RunError } from './agent-process.ts';
import type { AgentReport, TaskOutcome } from './agent-report.ts';
import { SessionClient } from './session-client.ts';
import { SessionWatch } from './session-watch.ts';

type LaunchAssignment = ApiOperations['POST /api/sessions/:id/launch']['answer'];

/** What the work on sessions needs. */
export interface AgentRunner {
  readonly server: RetryingClient;
  readonly launcherId: string;
  /** Runs the program for one task, and says what went wrong, if anything did. It never throws. */
  readonly run: (task: TaskRun) => Promise<RunError>;
  /** Receives what happens to tasks and sessions. */
  readonly report: (report: AgentReport) => void;
  /** Whether nothing new is to be started. */
  readonly isDraining: () => boolean;
  /** How often the session is told that its agent lives, in milliseconds. */
  readonly heartbeatMs: number;
}

/** One task of one session, and what its program is started with. */
export interface TaskRun {
  readonly taskId: string;
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Aborts when the program is to end: with the session, or when its task is taken away. */
  readonly signal: AbortSignal;
}

/** What became of a session under an agent; `left` goes on at the next start, `ended` was ended by others. */
export type SessionOutcome = 'completed' | 'failed' | 'left' | 'ended';

/** The session takes no work of this agent any more; the message says why. */
class SessionOverError extends Error {}

/**
 * Claims the launch of the session and runs its tasks, one after the other. With the last of them the session has
 * completed, or has failed when any of its tasks did. What an earlier agent of this launcher had started and not ended is
 * run again. Throws ResponseError when the session is taken or cannot be launched.
 */
export async function runSession(sessionId: string, runner: AgentRunner): Promise<SessionOutcome> {
  const { server, launcherId, report } = runner;
  const request = { params: { id: sessionId }, body: { launcherId } };
  const assignment = await server.request((client, idempotencyKey) =>
    client.request('POST /api/sessions/:id/launch', { ...request, idempotencyKey }),
  );
  const watch = new SessionWatch(sessionId, server, (answer) =>
    report({ event: 'question_answered', sessionId, answer }),
  );
  const client = new SessionClient(server, sessionId, assignment.env.MAESTRO_TOKEN ?? '');
  const stopHeartbeat = client.startHeartbeat(runner.heartbeatMs, (reason) => watch.end(reason));
  try {
    return await new SessionRun(assignment, client, watch, runner).run();
  } catch (error) {
    if (!(error instanceof SessionOverError)) throw error;
    report({ event: 'session_ended', sessionId, status: 'over', reason: error.message });
    return 'ended';
  } finally {
    stopHeartbeat();
    watch.close();
  }
}

class SessionRun {
  readonly #runner: AgentRunner;
  readonly #assignment: LaunchAssignment;
  readonly #client: SessionClient;
  readonly #watch: SessionWatch;

  constructor(assignment: LaunchAssignment, client: SessionClient, watch: SessionWatch, runner: AgentRunner) {
    this.#assignment = assignment;
    this.#runner = runner;
    this.#client = client;
    this.#watch = watch;
  }

  /** Throws SessionOverError when others have ended the session. */
  async run(): Promise<SessionOutcome> {
    const { sessionId, session } = this.#assignment;
    const { report } = this.#runner;
    await this.#require(() => this.#client.updateSession('working'));
    const end = await (session.strategy === 'queue' ? this.#runQueue() : this.#runTasks());
    const status = end === 'left' ? 'idle' : end;
    const { result } = await this.#require(() => this.#client.updateSession(status));
    if (end === 'left') report({ event: 'session_left', sessionId, reason: 'the agent ends' });
    else report({ event: 'session_ended', sessionId, status, result });
    return end;
  }

  async #runQueue(): Promise<'completed' | 'failed' | 'left'> {
    for (;;) {
      if (this.#runner.isDraining()) return 'left';
      const taskId = await this.#require(
        async () => (await this.#client.currentItem()) ?? (await this.#client.startNextItem()),
      );
      if (taskId === undefined)
        return (await this.#require(() => this.#client.hasFailedItem())) ? 'failed' : 'completed';
      const { outcome, reason } = await this.#runTask(taskId);
      const rejection = await this.#attempt(() => this.#client.endItem(taskId, outcome, reason));
      // Others may have ended the item; what stays as it was would be run for ever.
      if (rejection === undefined) continue;
      if ((await this.#require(() => this.#client.currentItem())) === taskId) throw rejection;
    }
  }

  async #runTasks(): Promise<'completed' | 'failed' | 'left'> {
    const done = new Map<string, string>();
    for (;;) {
      if (this.#runner.isDraining()) return 'left';
      // Tasks come and go while the session is worked on.
      const taskIds = await this.#require(() => this.#client.taskIds());
      const taskId = taskIds.find((id) => !done.has(id));
      if (taskId === undefined)
        return taskIds.some((id) => done.get(id) === 'failed') ? 'failed' : 'completed';
      done.set(taskId, await this.#runTaskOnce(taskId));
    }
  }

  /** Runs the task unless that was done before, and returns the progress with it. */
  async #runTaskOnce(taskId: string): Promise<string> {
    let before: string | undefined;
    const rejection = await this.#attempt(async () => {
      before = (await this.#client.task(taskId)).progress;
      if (!isEnded(before)) await this.#client.reportTask(taskId, 'working');
    });
    if (rejection !== undefined) return 'skipped';
    if (before !== undefined && isEnded(before)) return before;
    const { outcome } = await this.#runTask(taskId);
    await this.#attempt(() => this.#client.reportTask(taskId, outcome));
    return outcome;
  }

  /** Runs the program for the task. Throws SessionOverError when the session ends before the program does. */
  async #runTask(taskId: string): Promise<{ readonly outcome: ReportedOutcome; readonly reason?: string }> {
    const { sessionId, env, cwd } = this.#assignment;
    let title = '';
    const rejection = await this.#attempt(async () => {
      title = (await this.#client.task(taskId)).title;
    });
    if (rejection !== undefined) return { outcome: 'skipped', reason: rejection.message };
    const about = { sessionId, taskId, title };
    this.#runner.report({ event: 'task_started', ...about });
    const startedAt = performance.now();
    const watched = this.#watch.watchTask(taskId);
    const signal = AbortSignal.any([this.#watch.over, watched.signal]);
    const fault = await this.#runner.run({
      ...{ taskId, title, cwd, signal },
      env: { ...env, MAESTRO_TOKEN: this.#client.token },
    });
    watched.release();
    const { outcome, reason } = this.#outcomeOf(fault, watched.signal);
    const durationMs = Math.round(performance.now() - startedAt);
    this.#runner.report({ event: 'task_ended', ...about, outcome, reason, durationMs });
    if (outcome === 'stopped') throw new SessionOverError(reason);
    const kept = reason === undefined ? undefined : removeControlCharacters(reason);
    const message = `Run: ${removeControlCharacters(title)}${kept === undefined ? '' : ` (${kept})`}`;
    await this.#attempt(() => this.#client.addToTimeline(taskId, message));
    return kept === undefined ? { outcome } : { outcome, reason: kept };
  }

  #outcomeOf(fault: RunError, taken: AbortSignal): { outcome: TaskOutcome; reason?: string | undefined } {
    const { over } = this.#watch;
    if (over.aborted) return { outcome: 'stopped', reason: String(over.reason) };
    if (taken.aborted) return { outcome: 'skipped', reason: String(taken.reason) };
    return fault === undefined ? { outcome: 'completed' } : { outcome: 'failed', reason: fault };
  }

  /** Does what the session cannot go on without. Throws SessionOverError, and ResponseError for any other rejection. */
  async #require<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (error instanceof ResponseError) await this.#assertOngoing(error);
      throw error;
    }
  }

  /** Does what the server may reject for the task alone, and returns the rejection. Throws SessionOverError. */
  async #attempt(request: () => Promise<unknown>): Promise<ResponseError | undefined> {
    try {
      await request();
      return undefined;
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error;
      await this.#assertOngoing(error);
      return error;
    }
  }

  /** Throws SessionOverError when the session is over, which the rejection says or hides. */
  async #assertOngoing({ status, code, message }: ResponseError): Promise<void> {
    await this.#watch.check();
    const { over } = this.#watch;
    if (over.aborted) throw new SessionOverError(String(over.reason));
    if (status === 401 || endCodes.has(code)) throw new SessionOverError(message);
  }
}

/** Rejections which mean that the session has ended. */
const endCodes: ReadonlySet<string | undefined> = new Set(['SESSION_ENDED', 'INVALID_TRANSITION']);

type ReportedOutcome = Exclude<TaskOutcome, 'stopped'>;

function isEnded(progress: string | undefined): boolean {
  return progress === 'completed' || progress === 'failed' || progress === 'skipped';
}
