import type { Services } from '../../../src/application/services.ts';
import { createCall } from '../services/service-harness.ts';

/** Things that exist in a project, made anew for each request of a loop over the endpoints. */
export interface Fixture {
  readonly projectId: string;
  readonly taskId: string;
  /** A part of the task, which no session has. */
  readonly freeTaskId: string;
  /** A session of strategy queue with two queued tasks. */
  readonly sessionId: string;
  readonly tokenId: string;
  /** A session that the one above has spawned. */
  readonly spawnedId: string;
  readonly templateId: string;
}

/** A request that an admin may make on a fixture. */
export interface EndpointSample {
  readonly path: (fixture: Fixture) => string;
  readonly body?: (fixture: Fixture) => unknown;
  /** What has to be done before, by an admin. */
  readonly before?: (fixture: Fixture, services: Services) => Promise<unknown>;
}

/** A project with tasks and a session with a queue. */
export async function makeFixture(services: Services): Promise<Fixture> {
  const { id: projectId } = await services.projects.create(createCall(), { name: 'Fixture' });
  const task = async (title: string, parentId?: string) =>
    (await services.tasks.create(createCall(), projectId, { title, parentId })).id;
  const taskIds = [await task('One'), await task('Two')];
  const session = await services.sessions.create(createCall(), { projectId, taskIds, strategy: 'queue' });
  const token = await services.tokens.create(createCall(), { role: 'viewer', projects: [projectId] });
  const template = await services.templates.create(createCall(), {
    name: 'Other',
    role: 'worker',
    content: 'Work.',
  });
  const [taskId = ''] = taskIds;
  const spawned = await services.spawns.spawn(createCall(), {
    ...{ projectId, taskIds, sessionId: session.id, spawnSource: 'session' },
    ...{ role: 'worker', strategy: 'simple', skills: [] },
  });
  const ids = {
    sessionId: session.id,
    spawnedId: spawned.sessionId,
    tokenId: token.id,
    templateId: template.id,
  };
  return { projectId, taskId, freeTaskId: await task('Free', taskId), ...ids };
}

const project = (f: Fixture) => `/api/projects/${f.projectId}`;
const task = (f: Fixture) => `/api/tasks/${f.taskId}`;
const session = (f: Fixture) => `/api/sessions/${f.sessionId}`;
const template = (f: Fixture) => `/api/templates/${f.templateId}`;
const start = (f: Fixture, services: Services) => services.queues.start(createCall(), f.sessionId, 0);

/** A request for each endpoint, by method and path. */
export const endpointSamples: Readonly<Record<string, EndpointSample>> = {
  'GET /': { path: () => '/' },
  'GET /health': { path: () => '/health' },
  'GET /ready': { path: () => '/ready' },
  'GET /docs': { path: () => '/docs' },
  'GET /openapi.json': { path: () => '/openapi.json' },
  'GET /asyncapi.json': { path: () => '/asyncapi.json' },
  'GET /llms.txt': { path: () => '/llms.txt' },

  'GET /api/projects/:id/events': { path: (f) => `${project(f)}/events` },
  'GET /api/events/stream': { path: (f) => `/api/events/stream?channels=session:${f.sessionId}` },
  'POST /api/ws/tickets': { path: () => '/api/ws/tickets' },
  'GET /ws-status': { path: () => '/ws-status' },

  'GET /api/whoami': { path: () => '/api/whoami' },
  'GET /api/tokens': { path: () => '/api/tokens' },
  'POST /api/tokens': {
    path: () => '/api/tokens',
    body: (f) => ({ role: 'viewer', projects: [f.projectId] }),
  },
  'DELETE /api/tokens/:id': { path: (f) => `/api/tokens/${f.tokenId}` },

  'GET /api/projects': { path: () => '/api/projects' },
  'POST /api/projects': { path: () => '/api/projects', body: () => ({ name: 'New' }) },
  'GET /api/projects/:id': { path: project },
  'PUT /api/projects/:id': { path: project, body: () => ({ name: 'Renamed' }) },
  'DELETE /api/projects/:id': { path: (f) => `${project(f)}?cascade=true` },

  'GET /api/tasks': { path: () => '/api/tasks' },
  'POST /api/tasks': {
    path: () => '/api/tasks',
    body: (f) => ({ projectId: f.projectId, title: 'New', parentId: f.taskId }),
  },
  'GET /api/tasks/:id': { path: task },
  'PATCH /api/tasks/:id': {
    path: task,
    body: (f) => ({ updateSource: 'session', sessionId: f.sessionId, sessionStatus: 'working' }),
  },
  'DELETE /api/tasks/:id': { path: task },
  'GET /api/tasks/:id/children': { path: (f) => `${task(f)}/children` },
  'POST /api/tasks/:id/timeline': {
    path: (f) => `${task(f)}/timeline`,
    body: (f) => ({ message: 'Half', sessionId: f.sessionId }),
  },
  'GET /api/tasks/:id/docs': { path: (f) => `${task(f)}/docs` },
  'POST /api/tasks/:id/docs': {
    path: (f) => `${task(f)}/docs`,
    body: (f) => ({ sessionId: f.sessionId, title: 'Notes', filePath: '/notes.md', content: 'Text' }),
  },

  'GET /api/sessions': { path: () => '/api/sessions' },
  'POST /api/sessions': {
    path: () => '/api/sessions',
    body: (f) => ({ projectId: f.projectId, taskIds: [] }),
  },
  'GET /api/sessions/:id': { path: session },
  'PATCH /api/sessions/:id': { path: session, body: () => ({ status: 'working' }) },
  'DELETE /api/sessions/:id': { path: session },
  'GET /api/sessions/:id/timeline': { path: (f) => `${session(f)}/timeline` },
  'POST /api/sessions/:id/timeline': {
    path: (f) => `${session(f)}/timeline`,
    body: () => ({ message: 'Half' }),
  },
  'GET /api/sessions/:id/events': { path: (f) => `${session(f)}/events` },
  'POST /api/sessions/:id/events': {
    path: (f) => `${session(f)}/events`,
    body: () => ({ type: 'file_modified' }),
  },
  'GET /api/sessions/:id/docs': { path: (f) => `${session(f)}/docs` },
  'POST /api/sessions/:id/docs': {
    path: (f) => `${session(f)}/docs`,
    body: () => ({ title: 'Notes', filePath: '/notes.md', content: 'Text' }),
  },
  'POST /api/sessions/:id/tasks/:taskId': { path: (f) => `${session(f)}/tasks/${f.freeTaskId}` },
  'DELETE /api/sessions/:id/tasks/:taskId': { path: (f) => `${session(f)}/tasks/${f.taskId}` },

  'POST /api/sessions/spawn': {
    path: () => '/api/sessions/spawn',
    body: (f) => ({ projectId: f.projectId, taskIds: [f.taskId] }),
  },
  'POST /api/sessions/:id/launch': {
    path: (f) => `/api/sessions/${f.spawnedId}/launch`,
    body: () => ({ launcherId: 'laptop' }),
  },
  'POST /api/sessions/:id/token': { path: (f) => `${session(f)}/token` },

  'GET /api/sessions/:id/queue': { path: (f) => `${session(f)}/queue` },
  'GET /api/sessions/:id/queue/top': { path: (f) => `${session(f)}/queue/top` },
  'GET /api/sessions/:id/queue/items': { path: (f) => `${session(f)}/queue/items` },
  'POST /api/sessions/:id/queue/start': { path: (f) => `${session(f)}/queue/start` },
  'POST /api/sessions/:id/queue/complete': { path: (f) => `${session(f)}/queue/complete`, before: start },
  'POST /api/sessions/:id/queue/fail': { path: (f) => `${session(f)}/queue/fail`, before: start },
  'POST /api/sessions/:id/queue/skip': { path: (f) => `${session(f)}/queue/skip` },
  'POST /api/sessions/:id/queue/push': {
    path: (f) => `${session(f)}/queue/push`,
    // A bound agent pushes again what its session works on, and nothing else.
    before: (f, services) => services.queues.skip(createCall(), f.sessionId),
    body: (f) => ({ taskId: f.taskId }),
  },

  'GET /api/templates': { path: () => '/api/templates' },
  'POST /api/templates': {
    path: () => '/api/templates',
    body: () => ({ name: 'New', role: 'worker', content: 'Work.' }),
  },
  'GET /api/templates/role/:role': { path: () => '/api/templates/role/worker' },
  'GET /api/templates/default/:role': { path: () => '/api/templates/default/worker' },
  'GET /api/templates/:id': { path: template },
  'PUT /api/templates/:id': { path: template, body: () => ({ name: 'Renamed' }) },
  'POST /api/templates/:id/reset': { path: (f) => `${template(f)}/reset` },
  'DELETE /api/templates/:id': { path: template },
  'GET /api/sessions/:id/prompt': { path: (f) => `${session(f)}/prompt` },

  'GET /api/skills': { path: () => '/api/skills' },
  'GET /api/skills/role/:role': { path: () => '/api/skills/role/worker' },
  'GET /api/skills/:id': { path: () => '/api/skills/counting' },
  'POST /api/skills/:id/reload': { path: () => '/api/skills/counting/reload' },

  'POST /api/projects/:id/backlog': {
    path: (f) => `${project(f)}/backlog`,
    body: () => ({ items: [{ externalId: 'iss-1', title: 'New' }] }),
  },
  'POST /api/projects/:id/backlog/links': {
    path: (f) => `${project(f)}/backlog/links`,
    body: () => ({ links: [{ externalId: 'iss-1' }] }),
  },
  'GET /api/export/stream': { path: () => '/api/export/stream' },
  'GET /api/backup': { path: () => '/api/backup' },
  'GET /api/export': { path: () => '/api/export' },
  'POST /api/import': { path: () => '/api/import', body: () => ({ lines: ['{"end":true,"lines":2}'] }) },
};
