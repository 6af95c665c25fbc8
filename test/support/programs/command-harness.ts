import type { Endpoint } from '../../../src/api/endpoint.ts';
import { commands } from '../../../src/cli/commands.ts';
import { runCommand } from '../../../src/cli/run-command.ts';
import { type HttpHarness, startHttp } from '../servers/start-http.ts';
import { createTempFolder } from '../stores/temp-folder.ts';

/** What a command said and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A server over the model of a store, and the commands that talk to it as its admin. */
export interface CommandHarness {
  readonly http: HttpHarness;
  /** Where files without a path are. */
  readonly folder: string;
  /** Runs a command with this said to it. */
  run(args: readonly string[], input?: string): Promise<CommandResult>;
}

/** Starts a server for commands, of all endpoints or of these; the test stops it. */
export async function startCommandHarness(endpoints?: readonly Endpoint[]): Promise<CommandHarness> {
  const http = await startHttp(endpoints);
  const folder = await createTempFolder();
  const token = await http.createToken({ role: 'admin' as const, projects: ['*'] });
  return {
    http,
    folder,
    async run(args, input = '') {
      const said = { out: '', err: '' };
      const decoder = new TextDecoder();
      const code = await runCommand([...args, '--server', http.url], commands, {
        environment: () => ({ MAESTRO_TOKEN: token }),
        cwd: folder,
        home: folder,
        isTerminal: false,
        print: (text) => {
          said.out += text;
        },
        writeChunk: async (text) => {
          said.out += typeof text === 'string' ? text : decoder.decode(text, { stream: true });
        },
        printDiagnostic: (text) => {
          said.err += text;
        },
        input: (async function* () {
          yield new TextEncoder().encode(input);
        })(),
      });
      return { code, ...said };
    },
  };
}
