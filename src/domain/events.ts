import { z } from 'zod';
import { templateSchema } from './agents/template.ts';
import { type Channel, type Stream, streamOf } from './channel.ts';
import { type Frozen, instantSchema, versionSchema } from './values/entity.ts';
import { idSchema } from './values/id.ts';
import { projectSchema } from './work/project.ts';
import { itemSchema, queueSchema } from './work/queue.ts';
import { sessionSchema, sessionViewSchema } from './work/session.ts';
import { taskSchema } from './work/task.ts';

/** One entry of the catalogue: what happened, in which shape, and who hears of it. */
export interface EventEntry<Data extends z.ZodType> {
  readonly sentence: string;
  readonly data: Data;
  /** The channels that carry it, at least one, made of the data alone. */
  readonly channels: (data: Frozen<z.infer<Data>>) => readonly [Channel, ...Channel[]];
  /** The channel that there is no more after this event. */
  readonly ends: ((data: Frozen<z.infer<Data>>) => Channel) | undefined;
}

function event<Data extends z.ZodType>(
  sentence: string,
  data: Data,
  channels: EventEntry<Data>['channels'],
  ends?: EventEntry<Data>['ends'],
): EventEntry<Data> {
  return { sentence, data, channels, ends };
}

type InProject = { readonly projectId: string };
type OfTask = InProject & { readonly taskId: string };
type OfSession = InProject & { readonly sessionId: string };
type Channels = readonly [Channel, ...Channel[]];

const project = (data: InProject): Channel => `project:${data.projectId}`;
const inWorkspace = (data: InProject): Channels => ['workspace', project(data)];
const ofTask = (data: OfTask): Channels => [project(data), `task:${data.taskId}`];
const ofSession = (data: OfSession): Channels => [project(data), `session:${data.sessionId}`];
const ofBoth = (data: OfTask & OfSession): Channels => [...ofSession(data), `task:${data.taskId}`];
const theTask = (data: InProject & { readonly id: string }): Channels => [project(data), `task:${data.id}`];
const theSession = (data: InProject & { readonly id: string }): Channels => [
  project(data),
  `session:${data.id}`,
];

const templateData = z.object({ template: templateSchema });
const projectData = projectSchema.extend({ projectId: idSchema });
const gone = z.object({ id: idSchema, projectId: idSchema });
const link = z.object({ taskId: idSchema, sessionId: idSchema, projectId: idSchema });
const itemData = link.extend({
  item: itemSchema,
  index: z.int().min(0),
  currentIndex: z.int().min(-1),
  updatedAt: instantSchema,
  version: versionSchema,
});
const taskNews = z.object({ taskId: idSchema, title: z.string(), projectId: idSchema });
const taskSessionNews = taskNews.extend({ sessionId: idSchema });
const sessionNews = z.object({ sessionId: idSchema, name: z.string(), projectId: idSchema });

/** CATALOGUE: every event this server commits and delivers. */
export const events = {
  'workspace:restored': event(
    'An export was read back in: everything is new.',
    z.object({ lines: z.int().min(1) }),
    () => ['workspace'],
  ),

  'template:created': event('A template was created.', templateData, () => ['workspace']),
  'template:updated': event('A template was changed, or became active or inactive.', templateData, () => [
    'workspace',
  ]),
  'template:reset': event('A template got the content of the default back.', templateData, () => [
    'workspace',
  ]),
  'template:deleted': event('A template was deleted.', z.object({ id: idSchema }), () => ['workspace']),

  'project:created': event('A project was created.', projectData, inWorkspace),
  'project:updated': event('A project was changed.', projectData, inWorkspace),
  'project:deleted': event('A project was deleted.', gone, inWorkspace, project),

  'task:created': event('A task was created.', taskSchema, theTask),
  'task:updated': event('A task was changed, whatever changed it.', taskSchema, theTask),
  'task:deleted': event('A task was deleted.', gone, theTask, ({ id }) => `task:${id}`),
  'task:session_added': event('A session took on the task.', link, ofBoth),
  'task:session_removed': event('A session no longer has the task.', link, ofBoth),

  'session:created': event('A session was created.', sessionViewSchema, theSession),
  'session:spawn': event(
    'A session waits for whoever starts agents; it is not started twice, as its launch is claimed.',
    z.object({
      session: sessionViewSchema,
      sessionId: idSchema,
      projectId: idSchema,
      taskIds: z.array(idSchema),
      command: z.string().meta({ description: 'What existing agent programs are started with.' }),
      cwd: z.string(),
      envVars: sessionSchema.shape.env.meta({ description: 'For the agent; holds no secret.' }),
      manifestPath: z.string(),
      spawnSource: z.enum(['ui', 'session']),
      parentSessionId: idSchema.nullable(),
      _isSpawnCreated: z.literal(true),
    }),
    ofSession,
  ),
  'session:updated': event(
    'A session, its timeline, events or documents changed.',
    sessionViewSchema,
    theSession,
  ),
  'session:deleted': event('A session was deleted.', gone, theSession, ({ id }) => `session:${id}`),
  'session:task_added': event('A task was added to the session.', link, ofBoth),
  'session:task_removed': event('A task was removed from the session.', link, ofBoth),

  'queue:created': event(
    'A session got its queue.',
    z.object({ sessionId: idSchema, projectId: idSchema, queue: queueSchema }),
    ofSession,
  ),
  'queue:item_started': event('An item is being processed.', itemData, ofBoth),
  'queue:item_completed': event('An item was completed.', itemData, ofBoth),
  'queue:item_failed': event('An item failed.', itemData.extend({ reason: z.string().optional() }), ofBoth),
  'queue:item_skipped': event('An item was skipped.', itemData, ofBoth),
  'queue:item_pushed': event('An item was added at the end.', itemData, ofBoth),
  'queue:deleted': event(
    'A queue went with its session.',
    z.object({ sessionId: idSchema, projectId: idSchema }),
    ofSession,
  ),

  'notify:task_completed': event('A task became completed.', taskNews, ofTask),
  'notify:task_cancelled': event('A task became cancelled.', taskNews, ofTask),
  'notify:task_in_review': event('A task became ready for review.', taskNews, ofTask),
  'notify:task_blocked': event('A task became blocked.', taskNews, ofTask),
  'notify:task_session_completed': event('A session completed its work on a task.', taskSessionNews, ofBoth),
  'notify:task_session_failed': event('A session failed at a task.', taskSessionNews, ofBoth),
  'notify:session_completed': event('A session completed.', sessionNews, ofSession),
  'notify:session_failed': event('A session failed.', sessionNews, ofSession),
  'notify:needs_input': event(
    'A session waits for a person.',
    sessionNews.extend({ message: z.string().optional() }),
    ofSession,
  ),
  'notify:progress': event(
    'A session reported progress.',
    z.object({
      sessionId: idSchema,
      projectId: idSchema,
      taskId: idSchema.optional(),
      message: z.string().optional(),
    }),
    (data) => (data.taskId === undefined ? ofSession(data) : ofBoth({ ...data, taskId: data.taskId })),
  ),
} as const;

/** The name of an event in the catalogue. */
export type EventName = keyof typeof events;

/** What an event carries. */
export type EventData<Name extends EventName> = Frozen<z.input<(typeof events)[Name]['data']>>;

/** Every name, in the order of the catalogue. */
export const eventNames = Object.keys(events) as EventName[];

/** The channels that carry an event, at least one. */
export function channelsOf<Name extends EventName>(name: Name, data: EventData<Name>): Channels {
  const entry = events[name] as unknown as { channels: (data: EventData<Name>) => Channels };
  return entry.channels(data);
}

/** The channel that there is no more after an event, undefined when none ends with it. */
export function endedBy<Name extends EventName>(name: Name, data: EventData<Name>): Channel | undefined {
  const entry = events[name] as unknown as { ends: ((data: EventData<Name>) => Channel) | undefined };
  return entry.ends?.(data);
}

/** The project that an event is about, null when it is about the workspace. */
export function projectOfEvent(data: EventData<EventName>): string | null {
  return (data as { readonly projectId?: string }).projectId ?? null;
}

/** The streams that record an event: each that one of its channels belongs to. */
export function streamsOf<Name extends EventName>(name: Name, data: EventData<Name>): readonly Stream[] {
  const streams = channelsOf(name, data).map((channel) =>
    channel === 'workspace' ? channel : streamOf(projectOfEvent(data)),
  );
  return [...new Set(streams)];
}
