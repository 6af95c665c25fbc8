import { canLinkSession, canWorkOnTask } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';
import type { Session } from '../../domain/work/session.ts';
import type { Task } from '../../domain/work/task.ts';
import type { ActorReader } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';

type Reader = Pick<ActorReader, 'tasks' | 'sessions'>;

/**
 * Asserts that the actor may work on the task: a bound one on those of its session and, as an orchestrator, on those below
 * them. `above` takes only those below. Reads as many tasks as the task is deep, and nothing for others. Throws FORBIDDEN.
 */
export async function assertInReach(
  reader: Reader,
  { actor }: Call,
  task: Pick<Task, 'id' | 'parentId'>,
  reach: 'own and below' | 'below',
): Promise<void> {
  if (actor.sessionId === undefined) return;
  const own = await reader.sessions.get(actor.sessionId);
  const lineage = reach === 'below' ? [] : [task.id];
  const seen = new Set([task.id]);
  // What is stored forms no cycle; what a change asks for may.
  for (let id = task.parentId; actor.isOrchestrator && id !== null && !seen.has(id); ) {
    seen.add(id);
    lineage.push(id);
    id = (await reader.tasks.get(id))?.parentId ?? null;
  }
  if (canWorkOnTask(actor, own?.taskIds ?? [], lineage)) return;
  throw new AppError(
    'FORBIDDEN',
    actor.isOrchestrator
      ? `Task ${task.id} is not ${reach === 'below' ? '' : 'a task of this session or '}below a task of this session; its token works on no other one.`
      : `Task ${task.id} is not a task of this session; its token works on those only.`,
    { taskId: task.id },
  );
}

/** Asserts that the actor may link the task to the session, or undo that. Throws FORBIDDEN. */
export async function assertMayLink(reader: Reader, call: Call, session: Session, task: Task): Promise<void> {
  await assertInReach(reader, call, task, 'own and below');
  if (canLinkSession(call.actor, session.id, session.launch?.parentSessionId)) return;
  throw new AppError(
    'FORBIDDEN',
    `Session ${session.id} was not spawned by the session of this token, which links tasks to no other one.`,
  );
}
