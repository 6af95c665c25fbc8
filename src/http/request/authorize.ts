import { type Actor, hasPermission, type Permission } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';

/** Throws FORBIDDEN unless the actor's role has the permission; services decide what the actor may see. */
export function authorize(actor: Actor, permission: Permission): void {
  if (hasPermission(actor, permission)) return;
  const bound = actor.isOrchestrator ? 'orchestrator bound to a session' : `${actor.role} bound to a session`;
  const role = actor.sessionId === undefined ? actor.role : bound;
  throw new AppError(
    'FORBIDDEN',
    `This needs the permission ${permission}, which the role ${role} does not have.`,
    {
      permission,
      role: actor.role,
    },
  );
}
