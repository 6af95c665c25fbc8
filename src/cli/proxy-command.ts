import { type Config, isLoopback, readConfig } from '../config/config.ts';
import { AppError } from '../domain/errors.ts';
import { serverUrlFile } from '../system/machine/data-folder.ts';
import { readTextFile } from '../system/machine/private-file.ts';
import { CommandError, command, UsageError } from './command/command.ts';
import { withFlags } from './command/setting-flags.ts';
import { listenForStopSignal } from './command/stop-signal.ts';
import { parseServerUrl } from './server/server-client.ts';

/** A proxy on this machine for clients that cannot send a token. */
export const proxyCommand = command({
  name: 'proxy',
  sentence:
    'Passes requests of programs on this machine on to a server, with the token that they cannot send.',
  flags: {
    listen: { type: 'string', value: '127.0.0.1:PORT', sentence: 'Where to listen, on this machine only.' },
    server: { type: 'string', value: 'URL', sentence: 'The server; without it the one that uses DATA_DIR.' },
    'token-file': {
      type: 'string',
      value: 'FILE',
      sentence: 'A file that holds the token, read for each request; without it MAESTRO_TOKEN is the token.',
    },
    'cors-origins': {
      type: 'string',
      value: 'ORIGINS',
      sentence: 'The origins whose pages may use the proxy, as in http://localhost:5173.',
    },
    'data-dir': {
      type: 'string',
      value: 'DATA_DIR',
      sentence: 'The data folder, which says where its server is.',
    },
  },
  async run({ flags }, surroundings) {
    const { environment, cwd, home, print, printDiagnostic } = surroundings;
    const { host, port } = parseListenAddress(flags.listen);
    const env = withFlags(environment(), flags);
    const config = readConfig(env, cwd, home);
    const url = new URL(
      flags.server === undefined ? await findLocalServer(config) : parseServerUrl(flags.server),
    );
    const token = tokenSource(flags['token-file'], env.MAESTRO_TOKEN || undefined);
    await token();
    const isNear = (address: string) => isLoopback(address);
    const { ProxyServer } = await import('../proxy/proxy-server.ts');
    const proxy = new ProxyServer({
      upstream: { url, token },
      allowedOrigins: config.CORS_ORIGINS,
      isAllowedPeer: isNear,
    });
    const signal = listenForStopSignal();
    try {
      print(
        `${await proxy.listen(host, port).catch((error) => {
          throw new CommandError(`Cannot listen on ${flags.listen}: ${error.message}.`, error);
        })}\n`,
      );
      printDiagnostic(`Passing requests on to ${url.origin}. Every program on this machine may use it.\n`);
      if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
        printDiagnostic('The token crosses the network unencrypted: use an https URL.\n');
      }
      await signal.received;
      await proxy.close();
      return 0;
    } finally {
      signal.release();
    }
  },
});

function parseListenAddress(text: string | undefined): { readonly host: string; readonly port: number } {
  const [, given = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text ?? '') ?? [];
  const host = given.replace(/^\[|\]$/g, '');
  if (text === undefined) throw new UsageError('--listen is missing: 127.0.0.1:3000, as an example.');
  if (!isLoopback(host) || Number(port) > 65_535) {
    throw new UsageError(
      `--listen is "${text}": it must be an address of this machine alone, as 127.0.0.1:3000.`,
    );
  }
  return { host, port: Number(port) };
}

/** The URL of the server that uses the data folder, as that says. Throws CommandError. */
async function findLocalServer({ DATA_DIR }: Config): Promise<string> {
  const url = await readTextFile(serverUrlFile(DATA_DIR));
  if (url !== undefined) return url;
  throw new CommandError(
    `No server uses ${DATA_DIR} at this moment: start it, or name another with --server.`,
  );
}

/** Gives the token that is to be sent at this moment. Throws CommandError when none is given at all. */
function tokenSource(file: string | undefined, given: string | undefined): () => Promise<string> {
  if (file === undefined && given === undefined) {
    throw new CommandError('There is no token: set MAESTRO_TOKEN, or name a file with --token-file.');
  }
  return async () => {
    const token = file === undefined ? given : await readTextFile(file).catch(() => undefined);
    if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token;
    throw new AppError(
      'NOT_READY',
      file === undefined ? 'MAESTRO_TOKEN is no token.' : `${file} holds no token.`,
    );
  };
}
