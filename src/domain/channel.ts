import { idPattern } from './values/id.ts';

/** What a client subscribes to: a full or filtered view of exactly one stream. */
export type Channel = 'workspace' | `project:${string}` | `session:${string}` | `task:${string}`;

/** An ordered, durable log of committed events: one per project and one for the workspace. */
export type Stream = 'workspace' | `project:${string}`;

/** The stream that holds the events of things in this project, or of the workspace for null. */
export function streamOfProject(projectId: string | null): Stream {
  return projectId === null ? 'workspace' : `project:${projectId}`;
}

/** The channel that `name` spells, undefined when it spells none. */
export function parseChannel(name: string): Channel | undefined {
  if (name === 'workspace') return name;
  const [, kind, id] = /^(project|session|task):(.*)$/.exec(name) ?? [];
  return kind !== undefined && id !== undefined && idPattern.test(id) ? (name as Channel) : undefined;
}

/** The stream that `name` is the name of, undefined when there is none of that name. */
export function parseStream(name: string): Stream | undefined {
  const channel = parseChannel(name);
  return channel === 'workspace' || channel?.startsWith('project:') ? (channel as Stream) : undefined;
}
