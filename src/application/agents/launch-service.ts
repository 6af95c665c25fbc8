import type { Token } from '../../domain/access/token.ts';
import { AppError } from '../../domain/errors.ts';
import { claimLaunch, type Launch } from '../../domain/work/launch.ts';
import { isTerminalStatus, type Session, type SessionView } from '../../domain/work/session.ts';
import type { ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import type { SignToken } from '../access/token-service.ts';
import { requireReportingSession, requireWritableSession } from '../work/session-access.ts';
import { runUnit, type UnitOfWork } from '../work/unit-of-work.ts';
import { type AgentEnvironment, environmentOf, extendToken, type TokenPolicy } from './session-token.ts';

/** All that an agent is started with. */
export interface LaunchAssignment {
  readonly success: true;
  readonly sessionId: string;
  readonly launcherId: string;
  readonly command: string;
  /** The working directory, empty when the project names none. */
  readonly cwd: string;
  readonly env: AgentEnvironment;
  readonly manifestPath: string;
  /** When the token in `env` ends unless it is renewed. */
  readonly expiresAt: number;
  readonly session: SessionView;
}

/** Hands the launch of a spawned session to one launcher, and keeps the token of a session that lives alive. */
export class LaunchService {
  readonly #open: ActorStoreFactory;
  readonly #sign: SignToken;
  readonly #tokenPolicy: TokenPolicy;

  constructor(open: ActorStoreFactory, sign: SignToken, terms: TokenPolicy) {
    this.#open = open;
    this.#sign = sign;
    this.#tokenPolicy = terms;
  }

  /**
   * The launch of the session, from now on this launcher's: it gets the same claim as often as it asks. Throws NOT_FOUND,
   * FORBIDDEN, and CONFLICT when another has it, or when there is nothing to launch.
   */
  async assign(call: Call, id: string, launcherId: string): Promise<LaunchAssignment> {
    const { session, record, launch } = await runUnit(this.#open(call), async (unit) => {
      const session = await requireActiveSession(unit, id);
      const launch = claimLaunch(requireLaunch(session), launcherId, call.actor, unit.now);
      if (call.actor.sessionId !== undefined && launch.parentSessionId !== call.actor.sessionId) {
        throw new AppError('FORBIDDEN', 'A token bound to a session launches only what that one spawned.');
      }
      if (launch !== session.launch) unit.putSession({ ...session, launch });
      const record = await extendToken(
        unit.tx,
        await requireToken(unit, launch),
        launch.until,
        this.#tokenPolicy,
      );
      return { session: await unit.saveAndViewSession(id), record, launch };
    });
    const { command, cwd, manifestPath } = launch;
    return {
      success: true,
      sessionId: id,
      launcherId,
      command,
      cwd,
      env: environmentOf(session, this.#sign(record)),
      manifestPath,
      expiresAt: record.expiresAt,
      session,
    };
  }

  /**
   * The token of the call anew, good for longer if it is that of a spawn; that counts as a sign of life. Throws FORBIDDEN
   * for the token of another session, CONFLICT when the session has ended.
   */
  async renew(call: Call, id: string): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const record = await runUnit(this.#open(call), async (unit) => {
      await requireWritableSession(call, unit, id);
      const { launch } = await requireActiveSession(unit, id);
      await requireReportingSession(call, unit, id);
      const { tokenId = '' } = call.actor;
      const record = await requireToken(unit, { tokenId });
      await unit.markActive(id);
      const until = launch?.tokenId === tokenId ? launch.until : record.expiresAt;
      return extendToken(unit.tx, record, until, this.#tokenPolicy);
    });
    return { token: this.#sign(record), expiresAt: record.expiresAt };
  }
}

async function requireActiveSession(unit: UnitOfWork, id: string): Promise<Session> {
  const session = await unit.session(id);
  if (!isTerminalStatus(session.status)) return session;
  throw new AppError('CONFLICT', `Session ${id} has ended: it is ${session.status}.`);
}

function requireLaunch({ id, launch }: Session): Launch {
  if (launch !== undefined) return launch;
  throw new AppError('CONFLICT', `Session ${id} was not spawned; there is nothing to launch.`);
}

async function requireToken(unit: UnitOfWork, { tokenId }: Pick<Launch, 'tokenId'>): Promise<Token> {
  const record = await unit.tx.tokens.get(tokenId);
  if (record !== undefined && record.revokedAt === null) return record;
  throw new AppError('CONFLICT', 'The token of this session was revoked, or did not come with an import.');
}
