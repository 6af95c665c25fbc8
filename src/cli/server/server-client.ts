import type {
  ApiAnswer,
  ApiListItem,
  ApiListName,
  ApiOperationName,
  ApiOperations,
  ApiRequestArguments,
  NoQuery,
} from '../../client/api-client.ts';
import { type ApiClient, ApiError, createApiClient } from '../../client/api-client.ts';
import { type Config, isLoopback, readConfig } from '../../config/config.ts';
import { adminTokenFile, serverUrlFile } from '../../system/machine/data-folder.ts';
import { readTextFile } from '../../system/machine/private-file.ts';
import { type CommandContext, CommandError, type Flag, UsageError } from '../command/command.ts';
import { withFlags } from '../command/setting-flags.ts';
import { boundedFetch, maxAnswerMs } from './bounded-fetch.ts';
import { startEmbeddedServer } from './embedded-server.ts';

/** The flags of every command that needs a server. */
export const connectionFlags = {
  server: {
    type: 'string',
    value: 'URL',
    sentence: 'The server to talk to; without it the one that uses DATA_DIR.',
  },
  'data-dir': {
    type: 'string',
    value: 'DATA_DIR',
    sentence: 'The data folder; it is opened when no server uses it.',
  },
} as const satisfies Record<string, Flag>;

type ConnectionFlags = { readonly [Name in keyof typeof connectionFlags]: string | undefined };

/** The server answered with an error: its HTTP status, and its code. */
export class ResponseError extends CommandError {
  readonly status: number;
  readonly code: string | undefined;

  constructor(message: string, status: number, code?: string, cause?: unknown) {
    super(message, cause);
    this.status = status;
    this.code = code;
  }
}

/** A server, and the credential to use it with. Every request throws ResponseError, or CommandError without an answer. */
export class ServerClient {
  readonly url: string;
  readonly token: string | undefined;
  readonly #api: ApiClient;
  readonly #answerMs: number;

  /** `answerMs` is how long it waits until an answer begins. */
  constructor(url: string, token: string | undefined, answerMs = maxAnswerMs) {
    this.url = url;
    this.token = token;
    this.#answerMs = answerMs;
    this.#api = createApiClient({ url, token, fetch: boundedFetch(answerMs) });
  }

  /** The same server with this credential, or with its own when there is none. */
  withToken(token: string | undefined): ServerClient {
    return token === undefined ? this : new ServerClient(this.url, token, this.#answerMs);
  }

  /** As `request` of the API client. */
  request<Name extends ApiOperationName, const Query extends ApiOperations[Name]['query'] = NoQuery<Name>>(
    operation: Name,
    ...options: ApiRequestArguments<Name, Query>
  ): Promise<ApiAnswer<Name, Query>> {
    return this.#api.request<Name, Query>(operation, ...options).catch((error) => this.#explain(error));
  }

  /** Every item of a list, in its order. */
  async *each<Name extends ApiListName, const Query extends ApiOperations[Name]['query'] = NoQuery<Name>>(
    operation: Name,
    ...options: ApiRequestArguments<Name, Query>
  ): AsyncGenerator<ApiListItem<Name, Query>, void, undefined> {
    try {
      yield* this.#api.each<Name, Query>(operation, ...options);
    } catch (error) {
      this.#explain(error);
    }
  }

  #explain(error: unknown): never {
    if (!(error instanceof ApiError)) throw error;
    if (error.cause instanceof CommandError) throw error.cause;
    const { status, code, message } = error;
    if (status === undefined || code === 'UNEXPECTED_ANSWER') throw new CommandError(message, error);
    throw new ResponseError(`${this.url} answered ${status}: ${message}`, status, code, error);
  }
}

/**
 * Does the work with the server that `--server` names, else with the one that uses the data folder, else with one of
 * our own over that folder: on a private port, and for this work only. Throws CommandError, StartError, ConfigError.
 */
export async function withServer<T>(
  flags: ConnectionFlags,
  surroundings: CommandContext,
  work: (server: ServerClient) => Promise<T>,
): Promise<T> {
  const { environment, cwd, home } = surroundings;
  const env = withFlags(environment(), { 'data-dir': flags['data-dir'] });
  const config = readConfig(env, cwd, home);
  const given = env.MAESTRO_TOKEN || undefined;
  if (flags.server !== undefined) {
    const url = parseServerUrl(flags.server);
    return work(new ServerClient(url, given ?? (await readTokenForServer(url, config))));
  }
  const app = await startEmbeddedServer(config);
  if (app === undefined) {
    const url = await readPublishedUrl(config);
    return work(new ServerClient(url, given ?? (await readAdminToken(config))));
  }
  try {
    return await work(new ServerClient(app.url, given ?? (await readAdminToken(config))));
  } finally {
    await app.stop();
  }
}

/**
 * Makes what finds the running server that `--server` names, else the one that uses the data folder: anew each time, as it
 * may have started again elsewhere. Throws CommandError, UsageError, ConfigError.
 */
export function createServerConnector(
  flags: ConnectionFlags,
  surroundings: CommandContext,
): () => Promise<ServerClient> {
  const env = withFlags(surroundings.environment(), { 'data-dir': flags['data-dir'] });
  const config = readConfig(env, surroundings.cwd, surroundings.home);
  const given = env.MAESTRO_TOKEN || undefined;
  const named = flags.server === undefined ? undefined : parseServerUrl(flags.server);
  return async () => {
    const url = named ?? (await readTextFile(serverUrlFile(config.DATA_DIR)));
    if (url === undefined) throw new CommandError(`No server says that it uses ${config.DATA_DIR}.`);
    const token =
      given ?? (await (named === undefined ? readAdminToken(config) : readTokenForServer(named, config)));
    return new ServerClient(url, token);
  };
}

/** The URL that `--server` gives, without the slash at its end. Throws UsageError. */
export function parseServerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--server is "${text}": it must be an http or https URL.`);
  }
  return url.href.replace(/\/$/, '');
}

const readAdminToken = ({ DATA_DIR }: Config) => readTextFile(adminTokenFile(DATA_DIR));

/** The admin token of the folder. It is sent only to a server that can be the one of the folder. */
async function readTokenForServer(url: string, config: Config): Promise<string | undefined> {
  const isOurs = isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
  if (isOurs || url === (await readTextFile(serverUrlFile(config.DATA_DIR)))) return readAdminToken(config);
  throw new CommandError(`For ${url}, set MAESTRO_TOKEN to a token of that server.`);
}

async function readPublishedUrl({ DATA_DIR }: Config): Promise<string> {
  const url = await readTextFile(serverUrlFile(DATA_DIR));
  if (url !== undefined) return url;
  throw new CommandError(
    `Another process uses ${DATA_DIR} and does not say at which URL: it is starting, stopping, or a command at work. Try again in a moment.`,
  );
}
