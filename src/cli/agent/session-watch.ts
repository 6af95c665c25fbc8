import WebSocket from 'ws';
import { z } from 'zod';
import type { ClientEvent } from '../../client/client-options.ts';
import { connect, type MaestroClient } from '../../client/maestro-client.ts';
import type { RetryingClient } from '../server/retrying-client.ts';
import { ResponseError } from '../server/server-client.ts';

const sessionSchema = z.object({
  status: z.string(),
  taskIds: z.array(z.string()),
  needsInput: z.object({ active: z.boolean(), answer: z.string().optional() }).optional(),
});

/** A task while it is watched; its signal aborts with the reason when somebody takes the task away. */
export interface WatchedTask {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/** Follows the events of a session, so that what others do to it reaches its agent at once. */
export class SessionWatch {
  readonly #sessionId: string;
  readonly #server: RetryingClient;
  readonly #onAnswer: (answer: string) => void;
  readonly #client: MaestroClient;
  readonly #over = new AbortController();
  #task: { readonly id: string; readonly taken: AbortController } | undefined;
  #isAsking = false;

  /** `onAnswer` receives the answer to a question of the session. */
  constructor(sessionId: string, server: RetryingClient, onAnswer: (answer: string) => void) {
    this.#sessionId = sessionId;
    this.#server = server;
    this.#onAnswer = onAnswer;
    this.#client = connect({
      url: async () => (await server.connection()).url,
      token: async () => (await server.connection()).token,
      WebSocket,
      onEvent: (event) => this.#handleEvent(event),
      // What happened while nothing was followed is not among the events.
      onFollowed: () => void this.check(),
      onEnded: () => void this.check(),
      onPositionLost: () => undefined,
    });
    this.#client.follow(`session:${sessionId}`);
  }

  /** Aborts when the session takes no work of this agent any more; its reason is a sentence. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Ends the work on the session, for a reason. */
  end(reason: string): void {
    this.#over.abort(reason);
  }

  /** Watches the task that is worked on now, until it is released. */
  watchTask(taskId: string): WatchedTask {
    const taken = new AbortController();
    const channel = `task:${taskId}`;
    this.#task = { id: taskId, taken };
    this.#client.follow(channel);
    const release = () => {
      if (this.#task?.taken === taken) this.#task = undefined;
      this.#client.unfollow(channel);
    };
    return { signal: taken.signal, release };
  }

  close(): void {
    this.#client.close();
  }

  /** Reads how the session is; what cannot be read now is read after the next reconnect. */
  async check(): Promise<void> {
    try {
      const server = await this.#server.connection();
      this.#handleSession(await server.request('GET /api/sessions/:id', { params: { id: this.#sessionId } }));
    } catch (error) {
      if (error instanceof ResponseError && error.status === 404) this.end('it was deleted');
    }
  }

  #handleEvent({ type, data }: ClientEvent): void {
    const about = data as Readonly<Record<string, unknown>>;
    const isTask = this.#task !== undefined && (about.id === this.#task.id || about.taskId === this.#task.id);
    switch (type) {
      case 'session:updated': {
        const session = about.id === this.#sessionId ? sessionSchema.safeParse(data).data : undefined;
        if (session !== undefined) this.#handleSession(session);
        return;
      }
      case 'session:deleted':
        if (about.id === this.#sessionId) this.end('it was deleted');
        return;
      case 'task:deleted':
        if (isTask) this.#take('the task was deleted');
        return;
      case 'task:updated':
        if (isTask && (about.status === 'cancelled' || about.status === 'archived'))
          this.#take(`the task was ${about.status}`);
        return;
      case 'queue:item_skipped':
        if (isTask && about.sessionId === this.#sessionId) this.#take('the task was skipped in the queue');
        return;
    }
  }

  #handleSession({ status, taskIds, needsInput }: z.infer<typeof sessionSchema>): void {
    // A program may report its session as completed and then tidy up: it ends by itself.
    if (status === 'stopped' || status === 'failed') this.end(`it is ${status}`);
    if (this.#task !== undefined && !taskIds.includes(this.#task.id))
      this.#take('the task was taken from the session');
    const wasAsking = this.#isAsking;
    this.#isAsking = needsInput?.active ?? false;
    if (wasAsking && !this.#isAsking) this.#onAnswer(needsInput?.answer ?? '');
  }

  #take(reason: string): void {
    this.#task?.taken.abort(reason);
  }
}
