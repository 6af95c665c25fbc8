import { canChangeSession } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';
import type { Session } from '../../domain/work/session.ts';
import type { Call } from '../access/call.ts';
import { markStarted } from './session-transition.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** The session, if the actor may change it. Throws NOT_FOUND, FORBIDDEN. */
export async function requireWritableSession(call: Call, unit: UnitOfWork, id: string): Promise<Session> {
  const session = await unit.session(id);
  if (!canChangeSession(call.actor, id)) {
    throw new AppError('FORBIDDEN', 'This token belongs to another session, and changes only that one.');
  }
  return session;
}

/** The same for a report of the session, which shows that its agent has started. */
export async function requireReportingSession(call: Call, unit: UnitOfWork, id: string): Promise<Session> {
  await requireWritableSession(call, unit, id);
  await markStarted(unit, id);
  return unit.session(id);
}
