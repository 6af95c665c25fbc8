import type { EntityOf, Kind, LogEntryOf, LogKind } from '../../src/application/collections.ts';
import { newId } from '../../src/domain/id.ts';

/** The project that samples belong to, except those of projects. */
export const sampleProject = 'proj_sample';

const at = 1_767_225_600_000;

/** A new entity of each kind, with every field it may have; each call gives another id. */
export const samples: { readonly [K in Kind]: () => EntityOf<K> } = {
  projects: () => ({
    id: newId('proj', at),
    name: 'Observatory',
    workingDir: '/srv/observatory',
    description: 'Where the stars are counted.',
    createdAt: at,
    updatedAt: at,
    version: 1,
  }),
  tasks: () => ({
    id: newId('task', at),
    projectId: sampleProject,
    title: 'Count the stars',
    description: 'All of them.',
    initialPrompt: 'Begin at the pole.',
    priority: 'high',
    parentId: 'task_sky',
    skillIds: ['counting'],
    agentIds: ['astronomer'],
    dependencies: ['task_telescope'],
    referenceTaskIds: ['task_moon'],
    labels: ['night', 'sky'],
    externalId: 'stars-1',
    model: 'large',
    agentTool: 'codex',
    pinned: true,
    status: 'in_progress',
    taskSessionStatuses: { sess_sample: 'working' },
    sessionIds: ['sess_sample'],
    startedAt: at,
    completedAt: null,
    imported: 'c3RhcnM.c2t5',
    createdAt: at,
    updatedAt: at,
    version: 1,
  }),
  sessions: () => ({
    id: newId('sess', at),
    projectId: sampleProject,
    taskIds: ['task_sample'],
    name: 'First night',
    agentId: 'astronomer',
    env: { MAESTRO_ROLE: 'worker' },
    strategy: 'queue',
    status: 'working',
    startedAt: at,
    lastActivity: at,
    completedAt: null,
    hostname: 'dome',
    platform: 'linux',
    metadata: { seeing: { arcseconds: 0.8 }, clouds: [] },
    needsInput: { active: true, message: 'Which star first?', since: at },
    version: 1,
  }),
  queues: () => ({
    sessionId: newId('sess', at),
    projectId: sampleProject,
    strategy: 'queue',
    items: [
      { taskId: 'task_sample', status: 'failed', addedAt: at, completedAt: at, failReason: 'Clouds.' },
      { taskId: 'task_sample', status: 'processing', addedAt: at, startedAt: at },
    ],
    currentIndex: 1,
    createdAt: at,
    updatedAt: at,
    version: 1,
  }),
  documents: () => ({
    id: newId('doc', at),
    projectId: sampleProject,
    sessionId: 'sess_sample',
    sessionName: 'First night',
    taskId: 'task_sample',
    title: 'Log of the night',
    filePath: 'night.md',
    addedAt: at,
    addedBy: 'sess_sample',
    content: { log: 'sess_sample', n: 1, bytes: 12 },
    version: 1,
  }),
  tokens: () => ({
    id: newId('tok', at),
    subject: 'astronomer',
    role: 'agent',
    projects: [sampleProject],
    sessionId: 'sess_sample',
    createdBy: 'admin',
    createdAt: at,
    expiresAt: at + 1000,
    revokedAt: null,
    version: 1,
  }),
  attempts: () => ({
    id: newId('evt', at),
    fingerprint: 'POST /api/tasks',
    value: { id: 'task_sample', nested: [null, true, 1.5] },
    createdAt: at,
    version: 1,
  }),
};

/** A new entry of each kind of log, with every field it may have. */
export const logSamples: { readonly [L in LogKind]: () => LogEntryOf<L> } = {
  timeline: () => ({
    id: newId('evt', at),
    type: 'progress',
    timestamp: at,
    message: 'A hundred stars.',
    taskId: 'task_sample',
    metadata: { counted: 100 },
  }),
  activity: () => ({ id: newId('evt', at), timestamp: at, type: 'file_changed', data: { path: 'night.md' } }),
  contents: () => ({ documentId: newId('doc', at), content: '# The night\n' }),
};
