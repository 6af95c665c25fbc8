import { z } from 'zod';
import { queueSchema } from '../../domain/work/queue.ts';
import { sessionViewSchema } from '../../domain/work/session.ts';
import { taskSchema } from '../../domain/work/task.ts';
import type { SteadyServer } from '../server/retrying-client.ts';
import { AnswerError } from '../server/server-client.ts';

const anything = z.unknown();
const claimSchema = z.object({
  sessionId: z.string(),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  session: sessionViewSchema,
});
const startedSchema = z.object({ item: queueSchema.shape.items.element.nullable() });

/** What an agent does with the sessions it has claimed. */
export interface AgentHands {
  readonly server: SteadyServer;
  readonly launcherId: string;
  /** Runs the program for one task, and says what went wrong, if anything did. */
  readonly run: (task: Job) => Promise<string | undefined>;
  /** Whether nothing new is to be begun. */
  readonly isDraining: () => boolean;
  /** How often the session is told that its agent lives, in milliseconds. */
  readonly heartbeatMs: number;
}

/** One task of one session, and what its program is started with. */
export interface Job {
  readonly taskId: string;
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Ends when the session does. */
  readonly signal: AbortSignal;
}

/** What became of a session: all its tasks have been run, or the rest is left for later. */
export type WorkEnd = 'completed' | 'left';

/**
 * Claims the launch of the session and runs its tasks, one after the other; the session completes with the last of them.
 * What another run of this launcher had begun and not ended is run again. Throws AnswerError when the session is taken
 * or has ended.
 */
export async function workOn(sessionId: string, hands: AgentHands): Promise<WorkEnd> {
  const { server, launcherId } = hands;
  const claim = await server.change(claimSchema, 'POST', `/api/sessions/${sessionId}/launch`, {
    body: { launcherId },
  });
  const work = new SessionWork(claim, hands);
  try {
    await work.patch({ status: 'working' });
    const end = await (claim.session.strategy === 'queue' ? work.queue() : work.tasks());
    await work.patch({ status: end === 'completed' ? 'completed' : 'idle' });
    return end;
  } finally {
    work.stop();
  }
}

class SessionWork {
  readonly #hands: AgentHands;
  readonly #claim: z.infer<typeof claimSchema>;
  readonly #over = new AbortController();
  readonly #heart: NodeJS.Timeout;
  #beating = false;
  #token: string;

  constructor(claim: z.infer<typeof claimSchema>, hands: AgentHands) {
    this.#claim = claim;
    this.#hands = hands;
    this.#token = claim.env.MAESTRO_TOKEN ?? '';
    this.#heart = setInterval(() => void this.#beat(), hands.heartbeatMs);
  }

  stop(): void {
    clearInterval(this.#heart);
  }

  async patch(body: object): Promise<void> {
    await this.#change('PATCH', this.#path, body);
  }

  async queue(): Promise<WorkEnd> {
    for (;;) {
      if (this.#hands.isDraining()) return 'left';
      const taskId = (await this.#current()) ?? (await this.#next());
      if (taskId === undefined) return 'completed';
      const fault = await this.#run(taskId);
      if (fault === undefined) await this.#change('POST', `${this.#path}/queue/complete`);
      else await this.#change('POST', `${this.#path}/queue/fail`, { reason: fault });
    }
  }

  async tasks(): Promise<WorkEnd> {
    const sessionId = this.#claim.sessionId;
    const report = (taskId: string, sessionStatus: string) =>
      this.#change('PATCH', `/api/tasks/${taskId}`, { updateSource: 'session', sessionId, sessionStatus });
    for (const taskId of this.#claim.session.taskIds) {
      if (this.#hands.isDraining()) return 'left';
      const { taskSessionStatuses } = await this.#get(taskSchema, `/api/tasks/${taskId}`);
      if (['completed', 'failed', 'skipped'].includes(taskSessionStatuses[sessionId] ?? '')) continue;
      await report(taskId, 'working');
      await report(taskId, (await this.#run(taskId)) === undefined ? 'completed' : 'failed');
    }
    return 'completed';
  }

  get #path(): string {
    return `/api/sessions/${this.#claim.sessionId}`;
  }

  /** The task that was begun before and not ended. */
  async #current(): Promise<string | undefined> {
    const { queue } = await this.#get(z.object({ queue: queueSchema }), `${this.#path}/queue`);
    return queue.items[queue.currentIndex]?.taskId;
  }

  async #next(): Promise<string | undefined> {
    const path = `${this.#path}/queue/start`;
    return (await this.#hands.server.change(startedSchema, 'POST', path, { token: this.#token })).item
      ?.taskId;
  }

  async #run(taskId: string): Promise<string | undefined> {
    const { title } = await this.#get(taskSchema, `/api/tasks/${taskId}`);
    const { env, cwd } = this.#claim;
    const job = {
      taskId,
      title,
      cwd,
      env: { ...env, MAESTRO_TOKEN: this.#token },
      signal: this.#over.signal,
    };
    const fault = await this.#hands.run(job);
    await this.#change('POST', `/api/tasks/${taskId}/timeline`, {
      sessionId: this.#claim.sessionId,
      message: fault === undefined ? `Run: ${title}` : `Run: ${title} (${fault})`,
    });
    return fault;
  }

  /** Tells that the agent lives, for a token that lasts longer; a session that is over takes its program with it. */
  async #beat(): Promise<void> {
    // One after the other: behind a server that answers slowly they would pile up.
    if (this.#beating || this.#over.signal.aborted) return;
    this.#beating = true;
    try {
      const { server } = this.#hands;
      const renewed = z.object({ token: z.string() });
      const sent = { token: this.#token };
      this.#token = (await server.change(renewed, 'POST', `${this.#path}/token`, sent)).token;
    } catch (error) {
      if (error instanceof AnswerError && error.status !== 403) this.#over.abort();
    } finally {
      this.#beating = false;
    }
  }

  #get<Schema extends z.ZodType>(schema: Schema, path: string): Promise<z.output<Schema>> {
    return this.#hands.server.get(schema, path, { token: this.#token });
  }

  async #change(method: 'POST' | 'PATCH', path: string, body?: object): Promise<void> {
    await this.#hands.server.change(anything, method, path, { body: body ?? {}, token: this.#token });
  }
}
