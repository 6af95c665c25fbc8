import { moveSession } from '../domain/session.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Takes a report of a session for what it is: one that waited for its agent has started. */
export async function noteReport(unit: UnitOfWork, id: string): Promise<void> {
  const session = await unit.session(id);
  if (session.status === 'spawning') unit.putSession(moveSession(session, 'working', unit.now));
}
