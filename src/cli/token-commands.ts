import type { Role } from '../domain/access/access.ts';
import type { Token } from '../domain/access/token.ts';
import { command, type Flag, UsageError } from './command/command.ts';
import { connectionFlags, withServer } from './server/server-client.ts';

const jsonFlag = { type: 'boolean', sentence: 'Answers in JSON.' } as const satisfies Flag;

const formatDate = (instant: number) => new Date(instant).toISOString().slice(0, 16).replace('T', ' ');

/** Makes an access token. */
export const createTokenCommand = command({
  name: 'token create',
  sentence: 'Makes an access token and prints it, this once.',
  flags: {
    role: { type: 'string', value: 'ROLE', sentence: 'What it is for: admin, member, viewer or agent.' },
    projects: {
      type: 'string',
      value: 'IDS',
      sentence: 'The projects it reaches, separated by commas, or "*" for all.',
    },
    session: { type: 'string', value: 'ID', sentence: 'The one session an agent works for.' },
    subject: { type: 'string', value: 'NAME', sentence: 'Who holds it, as events and the log name them.' },
    lifetime: {
      type: 'string',
      value: '30d',
      sentence: 'How long it is good for: 90s, 15m, 12h, 30d; 365d at most.',
    },
    json: jsonFlag,
    ...connectionFlags,
  },
  run: ({ flags }, surroundings) => {
    const { role } = flags;
    if (role === undefined) throw new UsageError('--role is missing: admin, member, viewer or agent.');
    return withServer(flags, surroundings, async (server) => {
      const { subject, lifetime } = flags;
      const created = await server.request('POST /api/tokens', {
        // The server says which roles there are when this is none of them.
        body: {
          role: role as Role,
          projects: flags.projects?.split(','),
          sessionId: flags.session,
          subject,
          lifetime,
        },
      });
      surroundings.print(flags.json ? `${JSON.stringify(created)}\n` : `${created.token}\n`);
      surroundings.printDiagnostic(
        `Token ${created.id} is good until ${formatDate(created.expiresAt)} UTC.\n`,
      );
      return 0;
    });
  },
});

/** Lists the records of access tokens. */
export const listTokensCommand = command({
  name: 'token list',
  sentence: 'Lists the records of all access tokens, never the tokens.',
  flags: { json: jsonFlag, ...connectionFlags },
  run: ({ flags }, surroundings) =>
    withServer(flags, surroundings, async (server) => {
      for await (const token of server.each('GET /api/tokens')) {
        surroundings.print(`${flags.json ? JSON.stringify(token) : formatToken(token)}\n`);
      }
      return 0;
    }),
});

/** Revokes an access token. */
export const revokeTokenCommand = command({
  name: 'token revoke',
  sentence: 'Makes an access token useless, from this moment on.',
  operands: ['ID'],
  flags: connectionFlags,
  run: ({ flags, operands: [id = ''] }, surroundings) =>
    withServer(flags, surroundings, async (server) => {
      await server.request('DELETE /api/tokens/:id', { params: { id } });
      surroundings.printDiagnostic(`Token ${id} is revoked.\n`);
      return 0;
    }),
});

function formatToken(token: Token): string {
  const { id, role, subject, projects, sessionId, expiresAt, revokedAt } = token;
  const state = revokedAt === null ? `until ${formatDate(expiresAt)}` : `revoked ${formatDate(revokedAt)}`;
  const reach = sessionId === undefined ? projects.join(',') : `session ${sessionId}`;
  return `${id}  ${role.padEnd(6)}  ${state}  ${subject}  ${reach}`;
}
