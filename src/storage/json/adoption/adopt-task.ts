import type { EntityOf } from '../../../application/store/collections.ts';
import { idSchema } from '../../../domain/values/id.ts';
import { taskSchema, taskSessionStatusSchema } from '../../../domain/work/task.ts';
import { filterValid, fitToSchema, isJsonObject, type LegacyObject, type Remark } from './legacy-value.ts';

type Task = EntityOf<'tasks'>;

const priorityAliases: Readonly<Record<string, string>> = { critical: 'high', urgent: 'high' };

/** A task of another server as it is here; what it mentions is not looked for yet. */
export function adoptTask(old: LegacyObject, projectId: string, remark: Remark): Task {
  const { sessionStatus, ...rest } = old;
  const sessionIds = filterValid(old.sessionIds, idSchema);
  const said = isJsonObject(old.taskSessionStatuses) ? old.taskSessionStatuses : {};
  const [first] = sessionIds;
  const statuses =
    sessionStatus !== undefined && first !== undefined ? { [first]: sessionStatus, ...said } : said;
  const candidate = {
    ...rest,
    projectId,
    priority: priorityAliases[String(old.priority)] ?? old.priority,
    taskSessionStatuses: adoptStatuses(statuses, remark),
    sessionIds,
    title: typeof old.title === 'string' ? old.title.trim() : old.title,
  };
  if (candidate.priority !== old.priority) {
    remark(`priority became ${JSON.stringify(candidate.priority)}`, old.priority);
  }
  const createdAt = parseInstant(old.createdAt);
  const otherwise = {
    title: 'Untitled',
    description: '',
    initialPrompt: '',
    priority: 'medium',
    parentId: null,
    skillIds: [],
    agentIds: [],
    dependencies: [],
    referenceTaskIds: [],
    labels: [],
    status: 'todo',
    startedAt: null,
    completedAt: null,
    createdAt,
    updatedAt: createdAt,
    version: 1,
  };
  return taskSchema.parse(fitToSchema({ ...candidate, version: 1 }, taskSchema.shape, otherwise, remark));
}

/** The instant, 0 for what is none. */
export function parseInstant(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0;
}

function adoptStatuses(old: LegacyObject, remark: Remark): LegacyObject {
  const kept = Object.entries(old).flatMap(([id, status]) => {
    const value = status === 'running' ? 'working' : status;
    const fits = idSchema.safeParse(id).success && taskSessionStatusSchema.safeParse(value).success;
    if (!fits) remark(`taskSessionStatuses.${id} was dropped`, status);
    return fits ? [[id, value] as const] : [];
  });
  return Object.fromEntries(kept);
}
