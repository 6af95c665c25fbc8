import { z } from 'zod';
import { templateSchema } from './agents/template.ts';
import { type Channel, type Stream, streamOfProject } from './channel.ts';
import { instantSchema, versionSchema } from './values/field-schemas.ts';
import { idSchema } from './values/id.ts';
import type { DeepReadonly } from './values/immutable.ts';
import { projectSchema } from './work/project.ts';
import { queueItemSchema, queueSchema } from './work/queue.ts';
import { sessionSchema, sessionViewSchema } from './work/session.ts';
import { taskSchema } from './work/task.ts';

/** One entry of the catalogue: what happened, its data, and the channels that carry it. */
export interface EventDefinition<Data extends z.ZodType> {
  readonly description: string;
  readonly data: Data;
  /** The channels that carry the event, at least one, from the data alone. */
  readonly channels: (data: DeepReadonly<z.infer<Data>>) => readonly [Channel, ...Channel[]];
  /** The channel that ends with this event, as its subject is deleted. */
  readonly endedChannel: ((data: DeepReadonly<z.infer<Data>>) => Channel) | undefined;
}

function defineEvent<Data extends z.ZodType>(
  description: string,
  data: Data,
  channels: EventDefinition<Data>['channels'],
  endedChannel?: EventDefinition<Data>['endedChannel'],
): EventDefinition<Data> {
  return { description, data, channels, endedChannel };
}

type ProjectReference = { readonly projectId: string };
type TaskReference = ProjectReference & { readonly taskId: string };
type SessionReference = ProjectReference & { readonly sessionId: string };
type Channels = readonly [Channel, ...Channel[]];

const projectChannel = (data: ProjectReference): Channel => `project:${data.projectId}`;
const workspaceChannels = (data: ProjectReference): Channels => ['workspace', projectChannel(data)];
const taskChannels = (data: TaskReference): Channels => [projectChannel(data), `task:${data.taskId}`];
const sessionChannels = (data: SessionReference): Channels => [
  projectChannel(data),
  `session:${data.sessionId}`,
];
const taskSessionChannels = (data: TaskReference & SessionReference): Channels => [
  ...sessionChannels(data),
  `task:${data.taskId}`,
];
const taskEntityChannels = (data: ProjectReference & { readonly id: string }): Channels => [
  projectChannel(data),
  `task:${data.id}`,
];
const sessionEntityChannels = (data: ProjectReference & { readonly id: string }): Channels => [
  projectChannel(data),
  `session:${data.id}`,
];

const templateData = z.object({ template: templateSchema });
const projectData = projectSchema.extend({ projectId: idSchema });
const deletedData = z.object({ id: idSchema, projectId: idSchema });
const linkData = z.object({ taskId: idSchema, sessionId: idSchema, projectId: idSchema });
const itemData = linkData.extend({
  item: queueItemSchema,
  index: z.int().min(0),
  currentIndex: z.int().min(-1),
  updatedAt: instantSchema,
  version: versionSchema,
});
const taskNotificationData = z.object({ taskId: idSchema, title: z.string(), projectId: idSchema });
const taskSessionNotificationData = taskNotificationData.extend({ sessionId: idSchema });
const sessionNotificationData = z.object({ sessionId: idSchema, name: z.string(), projectId: idSchema });

/** CATALOGUE: every event this server commits and delivers. */
export const events = {
  'workspace:restored': defineEvent(
    'An export was imported: everything is new.',
    z.object({ lines: z.int().min(1) }),
    () => ['workspace'],
  ),

  'template:created': defineEvent('A template was created.', templateData, () => ['workspace']),
  'template:updated': defineEvent(
    'A template was changed, or became active or inactive.',
    templateData,
    () => ['workspace'],
  ),
  'template:reset': defineEvent('The content of a template was reset to the default.', templateData, () => [
    'workspace',
  ]),
  'template:deleted': defineEvent('A template was deleted.', z.object({ id: idSchema }), () => ['workspace']),

  'project:created': defineEvent('A project was created.', projectData, workspaceChannels),
  'project:updated': defineEvent('A project was changed.', projectData, workspaceChannels),
  'project:deleted': defineEvent('A project was deleted.', deletedData, workspaceChannels, projectChannel),

  'task:created': defineEvent('A task was created.', taskSchema, taskEntityChannels),
  'task:updated': defineEvent(
    'A task was changed, by a client or by the server.',
    taskSchema,
    taskEntityChannels,
  ),
  'task:deleted': defineEvent(
    'A task was deleted.',
    deletedData,
    taskEntityChannels,
    ({ id }) => `task:${id}`,
  ),
  'task:session_added': defineEvent('A task was linked to a session.', linkData, taskSessionChannels),
  'task:session_removed': defineEvent('A task was unlinked from a session.', linkData, taskSessionChannels),

  'session:created': defineEvent('A session was created.', sessionViewSchema, sessionEntityChannels),
  'session:spawn': defineEvent(
    'A session was spawned and waits for a launcher, which claims it so that it is started only once.',
    z.object({
      session: sessionViewSchema,
      sessionId: idSchema,
      projectId: idSchema,
      taskIds: z.array(idSchema),
      command: z.string().meta({ description: 'Command that starts an existing agent program.' }),
      cwd: z.string(),
      envVars: sessionSchema.shape.env.meta({
        description: 'Environment for the agent; contains no secret.',
      }),
      manifestPath: z.string(),
      spawnSource: z.enum(['ui', 'session']),
      parentSessionId: idSchema.nullable(),
      _isSpawnCreated: z.literal(true),
    }),
    sessionChannels,
  ),
  'session:updated': defineEvent(
    'A session, its timeline, events or documents changed.',
    sessionViewSchema,
    sessionEntityChannels,
  ),
  'session:deleted': defineEvent(
    'A session was deleted.',
    deletedData,
    sessionEntityChannels,
    ({ id }) => `session:${id}`,
  ),
  'session:task_added': defineEvent('A task was added to the session.', linkData, taskSessionChannels),
  'session:task_removed': defineEvent('A task was removed from the session.', linkData, taskSessionChannels),

  'queue:created': defineEvent(
    'The queue of a session was created.',
    z.object({ sessionId: idSchema, projectId: idSchema, queue: queueSchema }),
    sessionChannels,
  ),
  'queue:item_started': defineEvent('An item is being processed.', itemData, taskSessionChannels),
  'queue:item_completed': defineEvent('An item was completed.', itemData, taskSessionChannels),
  'queue:item_failed': defineEvent(
    'An item failed.',
    itemData.extend({ reason: z.string().optional() }),
    taskSessionChannels,
  ),
  'queue:item_skipped': defineEvent('An item was skipped.', itemData, taskSessionChannels),
  'queue:item_pushed': defineEvent(
    'An item was added at the end of the queue.',
    itemData,
    taskSessionChannels,
  ),
  'queue:deleted': defineEvent(
    'A queue was deleted with its session.',
    z.object({ sessionId: idSchema, projectId: idSchema }),
    sessionChannels,
  ),

  'notify:task_completed': defineEvent('A task was completed.', taskNotificationData, taskChannels),
  'notify:task_cancelled': defineEvent('A task was cancelled.', taskNotificationData, taskChannels),
  'notify:task_in_review': defineEvent('A task became ready for review.', taskNotificationData, taskChannels),
  'notify:task_blocked': defineEvent('A task was blocked.', taskNotificationData, taskChannels),
  'notify:task_session_completed': defineEvent(
    'A session completed its work on a task.',
    taskSessionNotificationData,
    taskSessionChannels,
  ),
  'notify:task_session_failed': defineEvent(
    'A session failed at a task.',
    taskSessionNotificationData,
    taskSessionChannels,
  ),
  'notify:session_completed': defineEvent('A session completed.', sessionNotificationData, sessionChannels),
  'notify:session_failed': defineEvent('A session failed.', sessionNotificationData, sessionChannels),
  'notify:needs_input': defineEvent(
    'A session needs input from a person.',
    sessionNotificationData.extend({ message: z.string().optional() }),
    sessionChannels,
  ),
  'notify:progress': defineEvent(
    'A session reported progress.',
    z.object({
      sessionId: idSchema,
      projectId: idSchema,
      taskId: idSchema.optional(),
      message: z.string().optional(),
    }),
    (data) =>
      data.taskId === undefined
        ? sessionChannels(data)
        : taskSessionChannels({ ...data, taskId: data.taskId }),
  ),
} as const;

/** The name of an event in the catalogue. */
export type EventName = keyof typeof events;

/** What an event carries. */
export type EventData<Name extends EventName> = DeepReadonly<z.input<(typeof events)[Name]['data']>>;

/** Every name, in the order of the catalogue. */
export const eventNames = Object.keys(events) as EventName[];

interface EventChannels<Name extends EventName> {
  readonly channels: (data: EventData<Name>) => Channels;
  readonly endedChannel: ((data: EventData<Name>) => Channel) | undefined;
}

// Over this mapped type the compiler ties an event to its data, also inside generic code.
const channelsByEvent: { readonly [Name in EventName]: EventChannels<Name> } = events;

/** The channels that carry an event, at least one. */
export function channelsOfEvent<Name extends EventName>(name: Name, data: EventData<Name>): Channels {
  return channelsByEvent[name].channels(data);
}

/** The channel that ends with an event, undefined when none does. */
export function channelEndedBy<Name extends EventName>(
  name: Name,
  data: EventData<Name>,
): Channel | undefined {
  return channelsByEvent[name].endedChannel?.(data);
}

/** The project that an event is about, null when it is about the workspace. */
export function projectOfEvent(data: EventData<EventName>): string | null {
  return (data as { readonly projectId?: string }).projectId ?? null;
}

/** The streams that record an event: those that its channels belong to. */
export function streamsOfEvent<Name extends EventName>(name: Name, data: EventData<Name>): readonly Stream[] {
  const streams = channelsOfEvent(name, data).map((channel) =>
    channel === 'workspace' ? channel : streamOfProject(projectOfEvent(data)),
  );
  return [...new Set(streams)];
}
