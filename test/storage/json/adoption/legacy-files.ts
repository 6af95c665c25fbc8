import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const at = 1_700_000_000_000;

/** The files of another server, with every fault in them that was ever seen there. */
export const legacyFiles: Readonly<Record<string, unknown>> = {
  'projects/proj_a.json': {
    id: 'proj_a',
    name: ' Alpha',
    workingDir: '/a',
    createdAt: at,
    updatedAt: at,
    foo: 1,
    apiKey: 'sk-secret',
  },
  'projects/proj_b.json': { id: 'proj_b', name: 'Beta', description: null, createdAt: at },
  'projects/proj_c.json': '{"id":"proj_c","name":"Gam',
  'projects/proj_d.json': { id: 'proj_e', name: 'Delta' },
  'projects/proj e.json': { id: 'proj e', name: 'Epsilon' },
  'projects/proj_a.json.12345': 'litter',
  'tasks/task_root.json': {
    id: 'task_root',
    projectId: 'proj_a',
    title: 'Old copy',
    updatedAt: at,
    sessionIds: ['sess_a'],
    sessionStatus: 'working',
  },
  'tasks/proj_a/task_root.json': {
    id: 'task_root',
    projectId: 'proj_a',
    title: 'New copy',
    updatedAt: at + 1,
  },
  'tasks/task_legacy.json': {
    id: 'task_legacy',
    projectId: 'proj_a',
    title: 'Legacy',
    createdAt: at,
    sessionIds: ['sess_a'],
    sessionStatus: 'running',
  },
  'tasks/proj_a/task_null.json': {
    id: 'task_null',
    projectId: 'proj_a',
    title: '',
    status: 'banana',
    priority: 'urgent',
    sessionIds: null,
    skillIds: null,
    taskSessionStatuses: null,
    parentId: 'task_gone',
    dependencies: ['task_legacy', 'task_other', 'task_gone'],
    referenceTaskIds: ['task_null', 'task_legacy'],
    createdAt: 'yesterday',
    surprise: { deep: true, token: 'tok-secret' },
  },
  'tasks/proj_a/task_x.json': { id: 'task_x', title: 'X', parentId: 'task_y', dependencies: ['task_y'] },
  'tasks/proj_a/task_y.json': {
    id: 'task_y',
    projectId: 'proj_gone',
    title: 'Y',
    parentId: 'task_x',
    dependencies: ['task_x'],
  },
  'tasks/proj_b/task_other.json': {
    id: 'task_other',
    projectId: 'proj_b',
    title: 'Other',
    status: 'completed',
  },
  'tasks/proj_gone/task_orphan.json': { id: 'task_orphan', projectId: 'proj_gone', title: 'Orphan' },
  'sessions/sess_a.json': {
    id: 'sess_a',
    projectId: 'proj_a',
    taskIds: ['task_null', 'task_other', 'task_gone'],
    name: 'A',
    strategy: 'queue',
    status: 'running',
    startedAt: at,
    lastActivity: at + 5,
    env: {
      ANTHROPIC_API_KEY: 'sk-secret',
      MAESTRO_ROLE: 'worker',
      MAESTRO_TOKEN: 'tok-secret',
      PATH: '/bin',
    },
    timeline: [
      null,
      { id: 'evt_1', type: 'session_started', timestamp: at },
      { id: 'evt 2', type: 'danced', timestamp: at, message: 'Hello' },
    ],
    events: [{ id: 'evt_3', timestamp: at, type: 'file_modified', data: { path: 'a' } }, 7],
    docs: [
      {
        id: 'doc_1',
        title: 'One',
        filePath: 'one.md',
        content: '# One',
        taskId: 'task_null',
        addedAt: at,
        addedBy: 'sess_a',
      },
      { id: 'doc_2', title: 'Two', filePath: 'two.md', taskId: 'task_gone', addedAt: at, addedBy: 'sess_a' },
      null,
    ],
  },
  'sessions/sess_legacy.json': {
    id: 'sess_legacy',
    projectId: 'proj_a',
    taskId: 'task_legacy',
    status: 'sleeping',
  },
  'sessions/sess_null.json': { id: 'sess_null', projectId: 'proj_a', taskIds: null, docs: [{ id: 'doc_1' }] },
  'sessions/sess_orphan.json': { id: 'sess_orphan', projectId: 'proj_gone', taskIds: [] },
  'queues/sess_a.json': {
    sessionId: 'sess_a',
    strategy: 'queue',
    currentIndex: -1,
    createdAt: at,
    updatedAt: at,
    items: [
      { taskId: 'task_null', status: 'processing', addedAt: at },
      { taskId: 'task_legacy', status: 'processing', addedAt: at },
      { taskId: 'task_gone', status: 'queued', addedAt: at },
      { taskId: 'task_null', status: 'paused', addedAt: at },
      null,
    ],
  },
  'queues/sess_gone.json': { sessionId: 'sess_gone', strategy: 'queue', items: [], currentIndex: -1 },
  'templates/tmpl_a.json': {
    id: 'tmpl_a',
    name: 'Mine',
    role: 'worker',
    content: 'Work.',
    isDefault: true,
    createdAt: at,
    updatedAt: at,
  },
  'templates/tmpl_b.json': { id: 'tmpl_b', name: 'Bad', role: 'worker', content: '' },
  'tasks/proj_a/notes.txt': 'what a person wrote',
  'sessions/deep/down/sess_x.json': { id: 'sess_x', projectId: 'proj_a' },
  'notes.txt': 'mine',
};

/** Writes what another server left into a folder. */
export async function writeLegacyFolder(dataDir: string): Promise<void> {
  for (const [path, value] of Object.entries(legacyFiles)) {
    const file = join(dataDir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  }
}
