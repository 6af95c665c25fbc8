import type { ApiOperations } from '../../client/api-client.ts';
import type { RetryingClient } from '../server/retrying-client.ts';
import { ResponseError, type ServerClient } from '../server/server-client.ts';
import type { TaskOutcome } from './agent-report.ts';

type SessionStatus = ApiOperations['PATCH /api/sessions/:id']['body']['status'];
type Progress = ApiOperations['PATCH /api/tasks/:id']['body']['sessionStatus'];

/** The requests of an agent about one session, with the token of that session. Each throws ResponseError. */
export class SessionClient {
  readonly #server: RetryingClient;
  readonly #sessionId: string;
  #token: string;

  constructor(server: RetryingClient, sessionId: string, token: string) {
    this.#server = server;
    this.#sessionId = sessionId;
    this.#token = token;
  }

  get token(): string {
    return this.#token;
  }

  updateSession(status: NonNullable<SessionStatus>) {
    const params = { id: this.#sessionId };
    return this.#request((server, idempotencyKey) =>
      server.request('PATCH /api/sessions/:id', { params, body: { status }, idempotencyKey }),
    );
  }

  async taskIds(): Promise<readonly string[]> {
    const params = { id: this.#sessionId };
    return (await this.#request((server) => server.request('GET /api/sessions/:id', { params }))).taskIds;
  }

  /** The title of a task, and the progress of the session with it. */
  async task(taskId: string): Promise<{ readonly title: string; readonly progress: string | undefined }> {
    const params = { id: taskId };
    const task = await this.#request((server) => server.request('GET /api/tasks/:id', { params }));
    return { title: task.title, progress: task.taskSessionStatuses[this.#sessionId] };
  }

  async reportTask(taskId: string, sessionStatus: NonNullable<Progress>): Promise<void> {
    const body = { updateSource: 'session', sessionId: this.#sessionId, sessionStatus } as const;
    await this.#request((server, idempotencyKey) =>
      server.request('PATCH /api/tasks/:id', { params: { id: taskId }, body, idempotencyKey }),
    );
  }

  async addToTimeline(taskId: string, message: string): Promise<void> {
    const body = { sessionId: this.#sessionId, message };
    await this.#request((server, idempotencyKey) =>
      server.request('POST /api/tasks/:id/timeline', { params: { id: taskId }, body, idempotencyKey }),
    );
  }

  /** The task of the item that is being processed. */
  async currentItem(): Promise<string | undefined> {
    const { items, currentIndex } = await this.#queue();
    return items[currentIndex]?.taskId;
  }

  /** Starts the next item of the queue, and returns its task; undefined when none is left. */
  async startNextItem(): Promise<string | undefined> {
    const params = { id: this.#sessionId };
    const { item } = await this.#request((server, idempotencyKey) =>
      server.request('POST /api/sessions/:id/queue/start', { params, idempotencyKey }),
    );
    return item?.taskId;
  }

  /** Ends the item of this task, if that is the one being processed. */
  async endItem(taskId: string, outcome: TaskOutcome, reason?: string): Promise<void> {
    const params = { id: this.#sessionId };
    await this.#request<unknown>((server, idempotencyKey) => {
      const options = { params, body: { taskId }, idempotencyKey };
      if (outcome === 'completed') return server.request('POST /api/sessions/:id/queue/complete', options);
      if (outcome === 'skipped') return server.request('POST /api/sessions/:id/queue/skip', options);
      const body = { taskId, reason };
      return server.request('POST /api/sessions/:id/queue/fail', { params, body, idempotencyKey });
    });
  }

  /** Whether a task of the queue failed, and was not done later. */
  async hasFailedItem(): Promise<boolean> {
    const { items } = await this.#queue();
    const newest = new Map(items.map(({ taskId, status }) => [taskId, status]));
    return [...newest.values()].includes('failed');
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
        const params = { id: this.#sessionId };
        const renewed = await this.#request((server, idempotencyKey) =>
          server.request('POST /api/sessions/:id/token', { params, idempotencyKey }),
        );
        this.#token = renewed.token;
      } catch (error) {
        if (error instanceof ResponseError && error.status !== 403) onOver(error.message);
      } finally {
        isSendingHeartbeat = false;
      }
    };
    const timer = setInterval(() => void sendHeartbeat(), everyMs);
    return () => clearInterval(timer);
  }

  async #queue() {
    const params = { id: this.#sessionId };
    return (await this.#request((server) => server.request('GET /api/sessions/:id/queue', { params }))).queue;
  }

  #request<T>(send: (server: ServerClient, idempotencyKey: string) => Promise<T>): Promise<T> {
    return this.#server.request((server, key) => send(server.withToken(this.#token), key));
  }
}
