import { z } from 'zod';
import { idSchema } from '../values/id.ts';

/** What kind of actor a credential is for. */
export const roleSchema = z.enum(['admin', 'member', 'viewer', 'agent']);
export type Role = z.infer<typeof roleSchema>;

/** The projects that a credential gives access to: all, or the listed ones. */
export const projectScopeSchema = z.union([z.tuple([z.literal('*')]), z.array(idSchema).max(100)]);

/** Who makes a request, derived from the credential and never from a body. */
export interface Actor {
  /** The subject of the credential. */
  readonly id: string;
  readonly role: Role;
  /** `*`, or the ids of the projects this actor may see. */
  readonly projects: '*' | ReadonlySet<string>;
  /** The only session that this actor works for; only agents are bound to one. */
  readonly sessionId?: string | undefined;
  /** Whether that session was spawned for an orchestrator. */
  readonly isOrchestrator?: boolean | undefined;
  /** The id of the credential. */
  readonly tokenId?: string | undefined;
  /** When the credential expires, in epoch milliseconds. */
  readonly expiresAt?: number | undefined;
}

/** What permissions are given to: the roles, and what an agent is that is bound to a session. */
export const effectiveRoles = [...roleSchema.options, 'bound agent', 'bound orchestrator'] as const;
type EffectiveRole = (typeof effectiveRoles)[number];

const everyone: readonly EffectiveRole[] = effectiveRoles;
const writers: readonly EffectiveRole[] = ['admin', 'member', 'agent'];
const leaders: readonly EffectiveRole[] = [...writers, 'bound orchestrator'];
const reporters: readonly EffectiveRole[] = [...leaders, 'bound agent'];

/**
 * CATALOGUE: every permission and the roles that have it. A bound agent has only what it needs for its own session;
 * services check that a session it changes is its own. A bound orchestrator also leads the tasks of its session: services
 * check that a task it changes is below those, and that a session it links was spawned by its own.
 */
export const permissions = {
  'identity:read': everyone,
  'project:read': everyone,
  'project:create': ['admin'],
  'project:update': ['admin', 'member'],
  'project:delete': ['admin'],
  'task:read': everyone,
  'task:create': leaders,
  'task:update': leaders,
  'task:report': reporters,
  'task:delete': ['admin', 'member'],
  'session:read': everyone,
  'session:create': writers,
  'session:update': reporters,
  'session:spawn': reporters,
  'session:launch': reporters,
  'session:renew': ['bound agent', 'bound orchestrator'],
  'session:link': leaders,
  'session:delete': ['admin', 'member'],
  'queue:read': everyone,
  'queue:work': reporters,
  'template:read': everyone,
  'template:manage': ['admin'],
  'skill:read': everyone,
  'skill:reload': ['admin'],
  'event:read': everyone,
  'server:watch': ['admin'],
  'token:manage': ['admin'],
  'backlog:import': ['admin', 'member'],
  'workspace:export': ['admin'],
  'workspace:import': ['admin'],
  'workspace:backup': ['admin'],
} as const satisfies Record<string, readonly EffectiveRole[]>;

export type Permission = keyof typeof permissions;

/** Whether the actor's role has the permission. */
export function hasPermission(actor: Actor, permission: Permission): boolean {
  const roles: readonly EffectiveRole[] = permissions[permission];
  return roles.includes(effectiveRoleOf(actor));
}

function effectiveRoleOf({ role, sessionId, isOrchestrator }: Actor): EffectiveRole {
  if (sessionId === undefined) return role;
  return isOrchestrator ? 'bound orchestrator' : 'bound agent';
}

/** Whether the actor may see this project; null is the workspace, which everyone may see. */
export function canSeeProject(actor: Actor, projectId: string | null): boolean {
  return projectId === null || actor.projects === '*' || actor.projects.has(projectId);
}

/** Whether the actor may change this session: any of its projects, or only its own when bound. */
export function canChangeSession(actor: Actor, sessionId: string): boolean {
  return actor.sessionId === undefined || actor.sessionId === sessionId;
}

/**
 * Whether the actor may work on a task with these ids: its own, and those of the tasks that it is a part of, upwards. An
 * agent that is bound to a session works on the `tasks` of that; an orchestrator also on what is below them.
 */
export function canWorkOnTask(actor: Actor, tasks: readonly string[], lineage: readonly string[]): boolean {
  if (actor.sessionId === undefined) return true;
  return (actor.isOrchestrator ? lineage : lineage.slice(0, 1)).some((id) => tasks.includes(id));
}

/** Whether the actor may link tasks to a session: any of its projects or, when bound, its own and those that this spawned. */
export function canLinkSession(
  actor: Actor,
  sessionId: string,
  spawnedBy: string | null | undefined,
): boolean {
  return canChangeSession(actor, sessionId) || actor.sessionId === spawnedBy;
}
