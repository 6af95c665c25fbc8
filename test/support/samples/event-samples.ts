import type { EventData, EventName } from '../../../src/domain/events.ts';
import { sampleProjectId, samples } from './samples.ts';

const project = { ...samples.projects(), id: sampleProjectId };
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
const sessionIds = { sessionId: session.id, projectId: sampleProjectId };
const sessionAndTaskIds = { ...sessionIds, taskId: task.id };
const itemData = {
  ...sessionAndTaskIds,
  item: { taskId: task.id, status: 'processing', addedAt: 1, startedAt: 2 },
  index: 1,
  currentIndex: 1,
  updatedAt: 2,
  version: 3,
} as const;
const taskSummary = { taskId: task.id, title: task.title, projectId: sampleProjectId };
const sessionSummary = { ...sessionIds, name: session.name };

/** What each event carries: all about project `proj_sample`, session `sess_sample` and task `task_sample`. */
export const eventSamples: { readonly [Name in EventName]: EventData<Name> } = {
  'workspace:restored': { lines: 3 },

  'template:created': { template },
  'template:updated': { template: { ...template, version: 2 } },
  'template:reset': { template: { ...template, version: 3 } },
  'template:deleted': { id: template.id },

  'project:created': { ...project, projectId: sampleProjectId },
  'project:updated': { ...project, projectId: sampleProjectId, version: 2 },
  'project:deleted': { id: sampleProjectId, projectId: sampleProjectId },
  'task:created': task,
  'task:updated': { ...task, version: 2 },
  'task:deleted': { id: task.id, projectId: sampleProjectId },
  'task:session_added': sessionAndTaskIds,
  'task:session_removed': sessionAndTaskIds,
  'session:created': session,
  'session:spawn': {
    ...sessionIds,
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
  'session:deleted': { id: session.id, projectId: sampleProjectId },
  'session:task_added': sessionAndTaskIds,
  'session:task_removed': sessionAndTaskIds,
  'queue:created': { ...sessionIds, queue },
  'queue:item_started': itemData,
  'queue:item_completed': itemData,
  'queue:item_failed': { ...itemData, reason: 'Clouds.' },
  'queue:item_skipped': itemData,
  'queue:item_pushed': itemData,
  'queue:deleted': sessionIds,
  'notify:task_completed': taskSummary,
  'notify:task_cancelled': taskSummary,
  'notify:task_in_review': taskSummary,
  'notify:task_blocked': taskSummary,
  'notify:task_session_completed': { ...taskSummary, sessionId: session.id },
  'notify:task_session_failed': { ...taskSummary, sessionId: session.id },
  'notify:session_completed': sessionSummary,
  'notify:session_failed': sessionSummary,
  'notify:needs_input': { ...sessionSummary, message: 'Which star first?' },
  'notify:progress': { ...sessionAndTaskIds, message: 'A hundred stars.' },
};
