import { z } from 'zod';
import { queueSchema } from '../../domain/work/queue.ts';
import { sessionViewSchema } from '../../domain/work/session.ts';
import { taskSchema } from '../../domain/work/task.ts';
import type { RetryingClient } from '../server/retrying-client.ts';
import { ResponseError } from '../server/server-client.ts';

const unknownSchema = z.unknown();
const launchAssignmentSchema = z.object({
  sessionId: z.string(),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  session: sessionViewSchema,
});
const startedItemSchema = z.object({ item: queueSchema.shape.items.element.nullable() });

/** What an agent does with the sessions it has claimed. */
export interface AgentRunner {
  readonly server: RetryingClient;
  readonly launcherId: string;
  /** Runs the program for one task, and says what went wrong, if anything did. */
  readonly run: (task: TaskRun) => Promise<string | undefined>;
  /** Whether nothing new is to be begun. */
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
  /** Ends when the session does. */
  readonly signal: AbortSignal;
}

/** What became of a session: all its tasks have been run, or the rest is left for later. */
export type SessionOutcome = 'completed' | 'left';

/**
 * Claims the launch of the session and runs its tasks, one after the other; the session completes with the last of them.
 * What another run of this launcher had begun and not ended is run again. Throws AnswerError when the session is taken
 * or has ended.
 */
export async function runSession(sessionId: string, hands: AgentRunner): Promise<SessionOutcome> {
  const { server, launcherId } = hands;
  const claim = await server.change(launchAssignmentSchema, 'POST', `/api/sessions/${sessionId}/launch`, {
    body: { launcherId },
  });
  const work = new SessionRun(claim, hands);
  try {
    await work.updateSession({ status: 'working' });
    const end = await (claim.session.strategy === 'queue' ? work.runQueue() : work.runTasks());
    await work.updateSession({ status: end === 'completed' ? 'completed' : 'idle' });
    return end;
  } finally {
    work.stopHeartbeat();
  }
}

class SessionRun {
  readonly #runner: AgentRunner;
  readonly #assignment: z.infer<typeof launchAssignmentSchema>;
  readonly #abortController = new AbortController();
  readonly #heartbeatTimer: NodeJS.Timeout;
  #isSendingHeartbeat = false;
  #token: string;

  constructor(claim: z.infer<typeof launchAssignmentSchema>, hands: AgentRunner) {
    this.#assignment = claim;
    this.#runner = hands;
    this.#token = claim.env.MAESTRO_TOKEN ?? '';
    this.#heartbeatTimer = setInterval(() => void this.#sendHeartbeat(), hands.heartbeatMs);
  }

  stopHeartbeat(): void {
    clearInterval(this.#heartbeatTimer);
  }

  async updateSession(body: object): Promise<void> {
    await this.#change('PATCH', this.#sessionPath, body);
  }

  async runQueue(): Promise<SessionOutcome> {
    for (;;) {
      if (this.#runner.isDraining()) return 'left';
      const taskId = (await this.#findCurrentTask()) ?? (await this.#startNextTask());
      if (taskId === undefined) return 'completed';
      const fault = await this.#runTask(taskId);
      if (fault === undefined) await this.#change('POST', `${this.#sessionPath}/queue/complete`);
      else await this.#change('POST', `${this.#sessionPath}/queue/fail`, { reason: fault });
    }
  }

  async runTasks(): Promise<SessionOutcome> {
    const sessionId = this.#assignment.sessionId;
    const report = (taskId: string, sessionStatus: string) =>
      this.#change('PATCH', `/api/tasks/${taskId}`, { updateSource: 'session', sessionId, sessionStatus });
    for (const taskId of this.#assignment.session.taskIds) {
      if (this.#runner.isDraining()) return 'left';
      const { taskSessionStatuses } = await this.#get(taskSchema, `/api/tasks/${taskId}`);
      if (['completed', 'failed', 'skipped'].includes(taskSessionStatuses[sessionId] ?? '')) continue;
      await report(taskId, 'working');
      await report(taskId, (await this.#runTask(taskId)) === undefined ? 'completed' : 'failed');
    }
    return 'completed';
  }

  get #sessionPath(): string {
    return `/api/sessions/${this.#assignment.sessionId}`;
  }

  /** The task that was begun before and not ended. */
  async #findCurrentTask(): Promise<string | undefined> {
    const { queue } = await this.#get(z.object({ queue: queueSchema }), `${this.#sessionPath}/queue`);
    return queue.items[queue.currentIndex]?.taskId;
  }

  async #startNextTask(): Promise<string | undefined> {
    const path = `${this.#sessionPath}/queue/start`;
    return (await this.#runner.server.change(startedItemSchema, 'POST', path, { token: this.#token })).item
      ?.taskId;
  }

  async #runTask(taskId: string): Promise<string | undefined> {
    const { title } = await this.#get(taskSchema, `/api/tasks/${taskId}`);
    const { env, cwd } = this.#assignment;
    const job = {
      taskId,
      title,
      cwd,
      env: { ...env, MAESTRO_TOKEN: this.#token },
      signal: this.#abortController.signal,
    };
    const fault = await this.#runner.run(job);
    await this.#change('POST', `/api/tasks/${taskId}/timeline`, {
      sessionId: this.#assignment.sessionId,
      message: fault === undefined ? `Run: ${title}` : `Run: ${title} (${fault})`,
    });
    return fault;
  }

  /** Tells that the agent lives, for a token that lasts longer; a session that is over takes its program with it. */
  async #sendHeartbeat(): Promise<void> {
    // One after the other: behind a server that answers slowly they would pile up.
    if (this.#isSendingHeartbeat || this.#abortController.signal.aborted) return;
    this.#isSendingHeartbeat = true;
    try {
      const { server } = this.#runner;
      const renewed = z.object({ token: z.string() });
      const sent = { token: this.#token };
      this.#token = (await server.change(renewed, 'POST', `${this.#sessionPath}/token`, sent)).token;
    } catch (error) {
      if (error instanceof ResponseError && error.status !== 403) this.#abortController.abort();
    } finally {
      this.#isSendingHeartbeat = false;
    }
  }

  #get<Schema extends z.ZodType>(schema: Schema, path: string): Promise<z.output<Schema>> {
    return this.#runner.server.get(schema, path, { token: this.#token });
  }

  async #change(method: 'POST' | 'PATCH', path: string, body?: object): Promise<void> {
    await this.#runner.server.change(unknownSchema, method, path, { body: body ?? {}, token: this.#token });
  }
}
