import { mayChangeSession } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';
import { moveSession, type Session } from '../../domain/work/session.ts';
import type { Call } from '../access/call.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** The session, if the actor may change it. Throws NOT_FOUND, FORBIDDEN. */
export async function ownSession(call: Call, unit: UnitOfWork, id: string): Promise<Session> {
  const session = await unit.session(id);
  if (!mayChangeSession(call.actor, id)) {
    throw new AppError('FORBIDDEN', 'This token belongs to another session, and changes only that one.');
  }
  return session;
}

/** The same for a report of the session: one that waited for its agent has started by that. */
export async function reportingSession(call: Call, unit: UnitOfWork, id: string): Promise<Session> {
  await ownSession(call, unit, id);
  await noteReport(unit, id);
  return unit.session(id);
}

/** Takes a report of a session for what it is: one that waited for its agent has started. */
export async function noteReport(unit: UnitOfWork, id: string): Promise<void> {
  const session = await unit.session(id);
  if (session.status === 'spawning') unit.putSession(moveSession(session, 'working', unit.now));
}
