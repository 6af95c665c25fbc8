import type { Actor } from '../../domain/access/access.ts';
import { type Channel, type Stream, streamOfProject } from '../../domain/channel.ts';
import { type AppError, notFoundError } from '../../domain/errors.ts';
import type { ActorReader } from '../access/actor-store.ts';

/**
 * The stream that a channel is a view of, for an actor that may hear it. Throws NOT_FOUND, the same for what does not
 * exist and for what is not the actor's: a bound agent hears its own session and the tasks of that, and nothing else.
 */
export async function requireChannelStream(
  reader: ActorReader,
  actor: Actor,
  channel: Channel,
): Promise<Stream> {
  const [kind, id = ''] = channel.split(':');
  const own = actor.sessionId;
  if (kind === 'workspace' && own === undefined) return 'workspace';
  if (kind === 'project') {
    const project = await reader.projects.get(id);
    if (project !== undefined && own === undefined) return streamOfProject(project.id);
  }
  if (kind === 'session') {
    const session = await reader.sessions.get(id);
    if (session !== undefined && (own === undefined || own === id)) return streamOfProject(session.projectId);
  }
  if (kind === 'task') {
    const task = await reader.tasks.get(id);
    if (task !== undefined && (own === undefined || task.sessionIds.includes(own))) {
      return streamOfProject(task.projectId);
    }
  }
  throw channelNotFoundError(channel);
}

/** The error for a channel that does not exist or is not the actor's to hear. */
function channelNotFoundError(channel: Channel): AppError {
  return notFoundError('channel', channel);
}

/** Tells which channels of a project's stream the actor hears when it asks for all of them. */
export async function channelFilterFor(
  reader: ActorReader,
  actor: Actor,
): Promise<(channels: readonly Channel[]) => boolean> {
  if (actor.sessionId === undefined) return () => true;
  const own = await reader.sessions.get(actor.sessionId);
  const followed = new Set<Channel>([
    `session:${actor.sessionId}`,
    ...(own?.taskIds ?? []).map((id): Channel => `task:${id}`),
  ]);
  return (channels) => channels.some((channel) => followed.has(channel));
}
