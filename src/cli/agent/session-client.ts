import { z } from 'zod';
import type { RetryingClient } from '../server/retrying-client.ts';
import { ResponseError } from '../server/server-client.ts';
import type { SessionResult, TaskOutcome } from './agent-report.ts';

const unknownSchema = z.unknown();
const itemSchema = z.object({ taskId: z.string(), status: z.string() });
const queueSchema = z.object({ items: z.array(itemSchema), currentIndex: z.int() });
const startedSchema = z.object({ item: itemSchema.nullable() });
const taskSchema = z.object({ title: z.string(), taskSessionStatuses: z.record(z.string(), z.string()) });
const resultSchema = z.object({
  completed: z.int(),
  failed: z.int(),
  skipped: z.int(),
  left: z.int(),
}) satisfies z.ZodType<SessionResult>;
// As little as is needed: a session or task that is odd elsewhere is worked on like any other.
const sessionSchema = z.object({ taskIds: z.array(z.string()), result: resultSchema.optional() });

const itemOperations = { completed: 'complete', failed: 'fail', skipped: 'skip' } as const;

/** The requests of an agent about one session, with the token of that session. Each throws ResponseError. */
export class SessionClient {
  readonly #server: RetryingClient;
  readonly #sessionId: string;
  readonly #path: string;
  #token: string;

  constructor(server: RetryingClient, sessionId: string, token: string) {
    this.#server = server;
    this.#sessionId = sessionId;
    this.#path = `/api/sessions/${sessionId}`;
    this.#token = token;
  }

  get token(): string {
    return this.#token;
  }

  async updateSession(status: string): Promise<z.infer<typeof sessionSchema>> {
    return this.#server.change(sessionSchema, 'PATCH', this.#path, { body: { status }, token: this.#token });
  }

  async taskIds(): Promise<readonly string[]> {
    return (await this.#get(sessionSchema, this.#path)).taskIds;
  }

  /** The title of a task, and the progress of the session with it. */
  async task(taskId: string): Promise<{ readonly title: string; readonly progress: string | undefined }> {
    const { title, taskSessionStatuses } = await this.#get(taskSchema, `/api/tasks/${taskId}`);
    return { title, progress: taskSessionStatuses[this.#sessionId] };
  }

  async reportTask(taskId: string, sessionStatus: string): Promise<void> {
    const body = { updateSource: 'session', sessionId: this.#sessionId, sessionStatus };
    await this.#change('PATCH', `/api/tasks/${taskId}`, body);
  }

  async addToTimeline(taskId: string, message: string): Promise<void> {
    await this.#change('POST', `/api/tasks/${taskId}/timeline`, { sessionId: this.#sessionId, message });
  }

  /** The task of the item that is being processed. */
  async currentItem(): Promise<string | undefined> {
    const { items, currentIndex } = await this.#queue();
    return items[currentIndex]?.taskId;
  }

  /** Starts the next item of the queue, and returns its task; undefined when none is left. */
  async startNextItem(): Promise<string | undefined> {
    const path = `${this.#path}/queue/start`;
    return (await this.#server.change(startedSchema, 'POST', path, { token: this.#token })).item?.taskId;
  }

  /** Ends the item of this task, if that is the one being processed. */
  async endItem(taskId: string, outcome: keyof typeof itemOperations, reason?: string): Promise<void> {
    const body = outcome === 'failed' ? { taskId, reason } : { taskId };
    await this.#change('POST', `${this.#path}/queue/${itemOperations[outcome]}`, body);
  }

  /** Whether a task of the queue failed, and was not done later. */
  async hasFailedItem(): Promise<boolean> {
    const { items } = await this.#queue();
    const newest = new Map(items.map(({ taskId, status }) => [taskId, status]));
    return [...newest.values()].includes('failed' satisfies TaskOutcome);
  }

  /**
   * Renews the token at this interval, which shows that the agent lives, until the returned function is called. `onOver`
   * receives why the server does not renew it any more.
   */
  startHeartbeat(everyMs: number, onOver: (reason: string) => void): () => void {
    let isSendingHeartbeat = false;
    const sendHeartbeat = async () => {
      // One after the other: with a server that answers slowly they would pile up.
      if (isSendingHeartbeat) return;
      isSendingHeartbeat = true;
      try {
        const sent = { token: this.#token };
        const renewed = z.object({ token: z.string() });
        this.#token = (await this.#server.change(renewed, 'POST', `${this.#path}/token`, sent)).token;
      } catch (error) {
        if (error instanceof ResponseError && error.status !== 403) onOver(error.message);
      } finally {
        isSendingHeartbeat = false;
      }
    };
    const timer = setInterval(() => void sendHeartbeat(), everyMs);
    return () => clearInterval(timer);
  }

  async #queue(): Promise<z.infer<typeof queueSchema>> {
    return (await this.#get(z.object({ queue: queueSchema }), `${this.#path}/queue`)).queue;
  }

  #get<Schema extends z.ZodType>(schema: Schema, path: string): Promise<z.output<Schema>> {
    return this.#server.get(schema, path, { token: this.#token });
  }

  async #change(method: 'POST' | 'PATCH', path: string, body: object): Promise<void> {
    await this.#server.change(unknownSchema, method, path, { body, token: this.#token });
  }
}
