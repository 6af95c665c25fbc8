import { idPattern } from './values/id.ts';

/** What a client subscribes to: all events of one stream, or those about one session or task. */
export type Channel = 'workspace' | `project:${string}` | `session:${string}` | `task:${string}`;

/** An ordered, durable log of committed events: one for each project and one for the workspace. */
export type Stream = 'workspace' | `project:${string}`;

/** The stream of a project, or of the workspace for null. */
export function streamOfProject(projectId: string | null): Stream {
  return projectId === null ? 'workspace' : `project:${projectId}`;
}

/** Parses the name of a channel; undefined when it is not a valid one. */
export function parseChannel(name: string): Channel | undefined {
  if (name === 'workspace') return name;
  const [, kind, id] = /^(project|session|task):(.*)$/.exec(name) ?? [];
  return kind !== undefined && id !== undefined && idPattern.test(id) ? (name as Channel) : undefined;
}

/** Parses the name of a stream; undefined when it is not a valid one. */
export function parseStream(name: string): Stream | undefined {
  const channel = parseChannel(name);
  return channel === 'workspace' || channel?.startsWith('project:') ? (channel as Stream) : undefined;
}
