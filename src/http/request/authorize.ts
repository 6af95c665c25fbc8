import { type Actor, hasPermission, type Permission } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';

/** Throws FORBIDDEN unless the actor's role has the permission; what it may see is for the services to know. */
export function authorize(actor: Actor, permission: Permission): void {
  if (hasPermission(actor, permission)) return;
  const grade = actor.sessionId === undefined ? actor.role : `${actor.role} bound to a session`;
  throw new AppError(
    'FORBIDDEN',
    `This needs the permission ${permission}, which a token of role ${grade} has not.`,
    {
      permission,
      role: actor.role,
    },
  );
}
