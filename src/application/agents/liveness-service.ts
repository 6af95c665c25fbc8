import { checkLiveness, type SessionTimeouts } from '../../domain/work/liveness.ts';
import type { Session } from '../../domain/work/session.ts';
import type { ActorReader, ActorStoreFactory } from '../access/actor-store.ts';
import { callBy } from '../access/call.ts';
import { eachEntity } from '../store/paginate.ts';
import { applySessionTransition } from '../work/session-transition.ts';
import { runUnit } from '../work/unit-of-work.ts';

/** The server itself: what silence makes of a session nobody else has done. */
const serverActor = { id: 'server', role: 'admin', projects: '*' } as const;

/** Looks for sessions that have fallen silent. */
export class LivenessService {
  readonly #open: ActorStoreFactory;
  readonly #timeouts: SessionTimeouts;
  readonly #now: () => number;

  /** `now` gives epoch milliseconds. */
  constructor(open: ActorStoreFactory, timeouts: SessionTimeouts, now: () => number) {
    this.#open = open;
    this.#timeouts = timeouts;
    this.#now = now;
  }

  /**
   * Fails every session that did not start in time, and marks every one that works and has fallen silent. Everything is
   * decided from what is stored, in a transaction for each session: several processes may do this at once, and a restart
   * changes nothing. Throws what failed, once the rest is done.
   */
  async sweep(): Promise<void> {
    const suspects = await this.#open(callBy(serverActor)).read((reader) => this.#silentSessionIds(reader));
    const faults: unknown[] = [];
    for (const id of suspects) await this.#checkSession(id).catch((fault) => faults.push(fault));
    if (faults.length > 0) throw new AggregateError(faults, 'Some sessions could not be judged.');
  }

  async #silentSessionIds(reader: ActorReader): Promise<string[]> {
    const now = this.#now();
    const { startMs, staleMs } = this.#timeouts;
    const ids: string[] = [];
    const look = (session: Session) => {
      if (checkLiveness(session, now, this.#timeouts) !== undefined) ids.push(session.id);
    };
    for await (const session of eachEntity(reader.sessions, { where: { status: 'spawning' } })) {
      if (session.startedAt + startMs > now) break;
      look(session);
    }
    for await (const session of eachEntity(reader.sessions, {
      where: { status: 'working' },
      sort: 'updatedAt',
    })) {
      if (session.lastActivity + staleMs > now) break;
      look(session);
    }
    return ids;
  }

  #checkSession(id: string): Promise<void> {
    return runUnit(this.#open(callBy(serverActor)), async (unit) => {
      // It may have been deleted meanwhile.
      if ((await unit.tx.sessions.get(id)) === undefined) return;
      const session = await unit.session(id);
      const verdict = checkLiveness(session, unit.now, this.#timeouts);
      if (verdict?.kind === 'fail') {
        await unit.addTimelineEntry(id, { type: 'error', message: verdict.reason });
        await applySessionTransition(unit, id, 'failed');
      } else if (verdict?.kind === 'mark stale') {
        unit.putSession({ ...session, stale: { since: session.lastActivity } });
      }
    });
  }
}
