import type { EntityOf } from '../../../application/store/collections.ts';
import { templateSchema } from '../../../domain/agents/template.ts';
import { projectSchema } from '../../../domain/work/project.ts';
import type { RestoreRecord } from '../restore/restore-folder.ts';
import { adoptQueue } from './adopt-queue.ts';
import { type AdoptedSession, adoptSession } from './adopt-session.ts';
import { adoptTask, parseInstant } from './adopt-task.ts';
import type { LegacyEntity, LegacyFolder } from './legacy-folder.ts';
import { describeOldValue, fitToSchema, type Remark } from './legacy-value.ts';
import { repairLinks } from './repair-links.ts';

/** What became of something that is not as it was. */
export interface AdoptionRemark {
  /** The file of the other server. */
  readonly file: string;
  readonly what: string;
  /** The value that it had, cut when it is long; left out for what may be a secret. */
  readonly was?: unknown;
}

/** Everything of another server that is taken over, and what is to be told of it. */
export interface AdoptionResult {
  readonly records: readonly RestoreRecord[];
  readonly remarks: readonly AdoptionRemark[];
}

/** Makes entities and logs of what another server left; what cannot become one joins the quarantined files. */
export function adoptRecords({ entities, quarantined }: LegacyFolder): AdoptionResult {
  const remarks: AdoptionRemark[] = [];
  const on = (file: string) => (what: string, was?: unknown) => {
    remarks.push({ file, what, ...(was === undefined ? {} : { was: describeOldValue(was) }) });
  };
  const paths = new Map<string, string>();

  const projects = new Map(entities.projects.map((old) => [old.id, adoptProject(old, on(old.path))]));
  const projectOf = (old: LegacyEntity): string | undefined => {
    const { projectId } = old.value;
    const named = [projectId, old.folder].find((id) => projects.has(String(id)));
    if (named === undefined) quarantined.set(old.path, 'its project is not there');
    else if (named !== (projectId ?? named))
      on(old.path)(`projectId became ${JSON.stringify(named)}`, projectId);
    return named === undefined ? undefined : String(named);
  };

  const tasks = new Map<string, EntityOf<'tasks'>>();
  for (const old of entities.tasks) {
    const projectId = projectOf(old);
    if (projectId === undefined) continue;
    paths.set(`tasks ${old.id}`, old.path);
    tasks.set(old.id, adoptTask(old.value, projectId, on(old.path)));
  }
  const sessions = new Map<string, AdoptedSession>();
  for (const old of entities.sessions) {
    const projectId = projectOf(old);
    if (projectId === undefined) continue;
    paths.set(`sessions ${old.id}`, old.path);
    sessions.set(old.id, adoptSession(old.id, old.value, projectId, on(old.path)));
  }
  const mended = repairLinks(
    tasks,
    new Map([...sessions].map(([id, { session }]) => [id, session])),
    (kind, id, what) => on(paths.get(`${kind} ${id}`) ?? '')(what),
  );

  const queues = entities.queues.flatMap((old) => {
    const projectId = sessions.get(old.id)?.session.projectId;
    if (projectId === undefined) quarantined.set(old.path, 'its session is not there');
    const hasTask = (id: string) => tasks.get(id)?.projectId === projectId;
    return projectId === undefined ? [] : [adoptQueue(old.value, projectId, hasTask, on(old.path))];
  });
  const templates = entities.templates.flatMap((old) => adoptTemplate(old, quarantined, on(old.path)) ?? []);
  const parts = [...sessions.values()];
  return {
    remarks,
    records: [
      ...[...projects.values()].map((entity): RestoreRecord => ({ kind: 'projects', entity })),
      ...mended.tasks.map((entity): RestoreRecord => ({ kind: 'tasks', entity })),
      ...mended.sessions.map((entity): RestoreRecord => ({ kind: 'sessions', entity })),
      ...queues.map((entity): RestoreRecord => ({ kind: 'queues', entity })),
      ...toDocumentRecords(parts, tasks, (id) => on(paths.get(`sessions ${id}`) ?? '')),
      ...templates.map((entity): RestoreRecord => ({ kind: 'templates', entity })),
      ...parts.flatMap(({ logs }) => logs),
    ],
  };
}

function adoptProject({ id, value }: LegacyEntity, remark: Remark): EntityOf<'projects'> {
  const createdAt = parseInstant(value.createdAt);
  const otherwise = {
    name: `Project ${id}`,
    workingDir: '',
    description: '',
    createdAt,
    updatedAt: createdAt,
  };
  return projectSchema.parse(fitToSchema({ ...value, version: 1 }, projectSchema.shape, otherwise, remark));
}

/** A template of another server is one that is not in use: the defaults of this one are. */
function adoptTemplate(
  { path, value }: LegacyEntity,
  quarantined: Map<string, string>,
  remark: Remark,
): EntityOf<'templates'> | undefined {
  const createdAt = parseInstant(value.createdAt);
  const otherwise = { name: 'Untitled', createdAt, updatedAt: createdAt };
  const candidate = { ...value, isDefault: false, active: false, version: 1 };
  const { data, error } = templateSchema.safeParse(
    fitToSchema(candidate, templateSchema.shape, otherwise, remark),
  );
  if (error !== undefined)
    quarantined.set(path, `${error.issues[0]?.path.join('.')} is not what it should be`);
  return data;
}

/** A document has an id of its own, whatever it had beside others, and mentions no task that is not there. */
function toDocumentRecords(
  sessions: readonly AdoptedSession[],
  tasks: ReadonlyMap<string, EntityOf<'tasks'>>,
  on: (sessionId: string) => (what: string) => void,
): readonly RestoreRecord[] {
  const seen = new Set<string>();
  return sessions.flatMap(({ session, documents }) =>
    documents.flatMap((document): RestoreRecord[] => {
      const { taskId, ...rest } = document;
      const say = (what: string) => on(session.id)(`document ${document.id}: ${what}`);
      if (seen.has(document.id)) {
        say('dropped, as another has its id');
        return [];
      }
      seen.add(document.id);
      const isThere = taskId !== undefined && tasks.get(taskId)?.projectId === session.projectId;
      if (taskId !== undefined && !isThere) say(`dropped the task ${taskId}, which is not there`);
      return [{ kind: 'documents', entity: isThere ? document : rest }];
    }),
  );
}
