import type { EventData, EventName } from '../../src/domain/events.ts';
import { sampleProject, samples } from './samples.ts';

const project = { ...samples.projects(), id: sampleProject };
const task = { ...samples.tasks(), id: 'task_sample' };
const session = {
  ...samples.sessions(),
  id: 'sess_sample',
  timeline: [],
  timelineCount: 0,
  events: [],
  eventsCount: 0,
  docs: [],
  docsCount: 0,
};
const template = samples.templates();
const queue = { ...samples.queues(), sessionId: session.id };
const ofSession = { sessionId: session.id, projectId: sampleProject };
const ofBoth = { ...ofSession, taskId: task.id };
const itemData = {
  ...ofBoth,
  item: { taskId: task.id, status: 'processing', addedAt: 1, startedAt: 2 },
  index: 1,
  currentIndex: 1,
  updatedAt: 2,
  version: 3,
} as const;
const taskNews = { taskId: task.id, title: task.title, projectId: sampleProject };
const sessionNews = { ...ofSession, name: session.name };

/** What each event carries: all about project `proj_sample`, session `sess_sample` and task `task_sample`. */
export const eventSamples: { readonly [Name in EventName]: EventData<Name> } = {
  'workspace:restored': { lines: 3 },

  'template:created': { template },
  'template:updated': { template: { ...template, version: 2 } },
  'template:reset': { template: { ...template, version: 3 } },
  'template:deleted': { id: template.id },

  'project:created': { ...project, projectId: sampleProject },
  'project:updated': { ...project, projectId: sampleProject, version: 2 },
  'project:deleted': { id: sampleProject, projectId: sampleProject },
  'task:created': task,
  'task:updated': { ...task, version: 2 },
  'task:deleted': { id: task.id, projectId: sampleProject },
  'task:session_added': ofBoth,
  'task:session_removed': ofBoth,
  'session:created': session,
  'session:spawn': {
    ...ofSession,
    session,
    taskIds: [task.id],
    command: 'maestro worker init',
    cwd: project.workingDir,
    envVars: session.env,
    manifestPath: '/sessions/sess_sample/manifest.json',
    spawnSource: 'ui',
    parentSessionId: null,
    _isSpawnCreated: true,
  },
  'session:updated': { ...session, version: 2 },
  'session:deleted': { id: session.id, projectId: sampleProject },
  'session:task_added': ofBoth,
  'session:task_removed': ofBoth,
  'queue:created': { ...ofSession, queue },
  'queue:item_started': itemData,
  'queue:item_completed': itemData,
  'queue:item_failed': { ...itemData, reason: 'Clouds.' },
  'queue:item_skipped': itemData,
  'queue:item_pushed': itemData,
  'queue:deleted': ofSession,
  'notify:task_completed': taskNews,
  'notify:task_cancelled': taskNews,
  'notify:task_in_review': taskNews,
  'notify:task_blocked': taskNews,
  'notify:task_session_completed': { ...taskNews, sessionId: session.id },
  'notify:task_session_failed': { ...taskNews, sessionId: session.id },
  'notify:session_completed': sessionNews,
  'notify:session_failed': sessionNews,
  'notify:needs_input': { ...sessionNews, message: 'Which star first?' },
  'notify:progress': { ...ofBoth, message: 'A hundred stars.' },
};
