import { type Patience, verdictOn } from '../../domain/work/liveness.ts';
import type { Session } from '../../domain/work/session.ts';
import type { ActorReader, Open } from '../access/actor-store.ts';
import { callBy } from '../access/call.ts';
import { every } from '../store/paginate.ts';
import { moveTo } from '../work/session-transition.ts';
import { runUnit } from '../work/unit-of-work.ts';

/** The server itself: what silence makes of a session nobody else has done. */
const server = { id: 'server', role: 'admin', projects: '*' } as const;

/** Looks for sessions that have fallen silent. */
export class LivenessService {
  readonly #open: Open;
  readonly #patience: Patience;
  readonly #now: () => number;

  /** `now` gives epoch milliseconds. */
  constructor(open: Open, patience: Patience, now: () => number) {
    this.#open = open;
    this.#patience = patience;
    this.#now = now;
  }

  /**
   * Fails every session that did not start in time, and marks every one that works and has fallen silent. Everything is
   * decided from what is stored, in a transaction for each session: several processes may do this at once, and a restart
   * changes nothing. Throws what failed, once the rest is done.
   */
  async sweep(): Promise<void> {
    const suspects = await this.#open(callBy(server)).read((reader) => this.#suspects(reader));
    const faults: unknown[] = [];
    for (const id of suspects) await this.#judge(id).catch((fault) => faults.push(fault));
    if (faults.length > 0) throw new AggregateError(faults, 'Some sessions could not be judged.');
  }

  async #suspects(reader: ActorReader): Promise<string[]> {
    const now = this.#now();
    const { startMs, staleMs } = this.#patience;
    const ids: string[] = [];
    const look = (session: Session) => {
      if (verdictOn(session, now, this.#patience) !== undefined) ids.push(session.id);
    };
    for await (const session of every(reader.sessions, { where: { status: 'spawning' } })) {
      if (session.startedAt + startMs > now) break;
      look(session);
    }
    for await (const session of every(reader.sessions, { where: { status: 'working' }, sort: 'updatedAt' })) {
      if (session.lastActivity + staleMs > now) break;
      look(session);
    }
    return ids;
  }

  #judge(id: string): Promise<void> {
    return runUnit(this.#open(callBy(server)), async (unit) => {
      // It may have been deleted meanwhile.
      if ((await unit.tx.sessions.get(id)) === undefined) return;
      const session = await unit.session(id);
      const verdict = verdictOn(session, unit.now, this.#patience);
      if (verdict?.kind === 'fail') {
        await unit.addEntry(id, { type: 'error', message: verdict.reason });
        await moveTo(unit, id, 'failed');
      } else if (verdict?.kind === 'mark stale') {
        unit.putSession({ ...session, stale: { since: session.lastActivity } });
      }
    });
  }
}
