import { canSeeProject } from '../../domain/access/access.ts';
import type { OrchestratorStrategy } from '../../domain/agents/orchestrator-strategy.ts';
import { AppError } from '../../domain/errors.ts';
import type { AgentRole } from '../../domain/work/agent-role.ts';
import type { Project } from '../../domain/work/project.ts';
import { isTerminalStatus, type Session, type Strategy } from '../../domain/work/session.ts';
import type { Task } from '../../domain/work/task.ts';
import type { ActorReader } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { collectAll } from '../store/paginate.ts';
import { assertInReach } from '../work/orchestrator-reach.ts';

/** What a client says of a session to spawn. */
export interface SpawnInput {
  readonly projectId: string;
  readonly taskIds: readonly string[];
  readonly sessionName?: string | undefined;
  readonly skills: readonly string[];
  /** The session it is spawned for. */
  readonly sessionId?: string | undefined;
  readonly spawnSource: 'ui' | 'session';
  readonly role: AgentRole;
  readonly strategy: Strategy;
  readonly orchestratorStrategy?: OrchestratorStrategy | undefined;
  readonly model?: string | undefined;
  readonly agentTool?: Task['agentTool'];
  readonly context?: Session['metadata'];
}

/** What a spawn is about, once everything has been checked. */
export interface SpawnPlan {
  readonly project: Project;
  /** The named tasks; for a tree their subtasks too, each after its parent. */
  readonly tasks: readonly Task[];
  readonly parent: Session | undefined;
  readonly name: string;
  /** The template that is active for its role. */
  readonly templateId: string | undefined;
}

/** How many tasks a session may be spawned for. */
export const maxSpawnedTasks = 1000;
/** How far down sessions may spawn sessions. */
const maxDepth = 16;

/** Checks everything a spawn needs, in the order that clients know. Throws the error of the first thing that is wrong. */
export async function planSpawn(reader: ActorReader, call: Call, input: SpawnInput): Promise<SpawnPlan> {
  const parentId = input.sessionId ?? call.actor.sessionId;
  const parent = parentId === undefined ? undefined : await parentOf(reader, call, parentId);
  const named = await tasksOf(reader, input.taskIds);
  const project = await reader.projects.get(input.projectId);
  if (project === undefined || !canSeeProject(call.actor, project.id)) {
    throw new AppError('project_not_found', `There is no project ${input.projectId}.`, {
      projectId: input.projectId,
    });
  }
  const foreign = named.find((task) => task.projectId !== project.id);
  if (foreign !== undefined) {
    throw new AppError('invalid_task_ids', `Task ${foreign.id} belongs to another project.`, {
      taskId: foreign.id,
    });
  }
  if (parent !== undefined && parent.projectId !== project.id) {
    throw new AppError('BUSINESS_RULE_ERROR', `Session ${parent.id} belongs to another project.`);
  }
  const tasks = input.strategy === 'tree' ? await withDescendants(reader, named) : named;
  // The parent is the session of the actor, when it is bound to one.
  for (const task of tasks)
    if (!parent?.taskIds.includes(task.id)) await assertInReach(reader, call, task, 'own and below');
  const [first] = tasks;
  const role = input.role === 'worker' ? 'Worker' : 'Orchestrator';
  const name = input.sessionName || `${role} for ${first?.id}`;
  const { items } = await reader.templates.list({ where: { activeFor: input.role }, limit: 1 });
  return { project, tasks, parent, name, templateId: items[0]?.id };
}

async function parentOf(reader: ActorReader, call: Call, id: string): Promise<Session> {
  const parent = await reader.sessions.get(id);
  if (parent === undefined) {
    throw new AppError('parent_session_not_found', `There is no session ${id} to spawn for.`, {
      sessionId: id,
    });
  }
  if (call.actor.sessionId !== undefined && call.actor.sessionId !== id) {
    throw new AppError('FORBIDDEN', 'A token bound to a session spawns for that one only.');
  }
  if (isTerminalStatus(parent.status)) {
    throw new AppError('CONFLICT', `Session ${id} is ${parent.status}; one that has ended spawns nothing.`);
  }
  let depth = 1;
  for (let above: Session | undefined = parent; above?.launch?.parentSessionId; depth++) {
    above = await reader.sessions.get(above.launch.parentSessionId);
  }
  if (depth > maxDepth) {
    throw new AppError('BUSINESS_RULE_ERROR', `Sessions spawn sessions at most ${maxDepth} deep.`);
  }
  return parent;
}

async function tasksOf(reader: ActorReader, ids: readonly string[]): Promise<Task[]> {
  const tasks: Task[] = [];
  for (const id of new Set(ids)) {
    const task = await reader.tasks.get(id);
    if (task === undefined) throw new AppError('task_not_found', `There is no task ${id}.`, { taskId: id });
    tasks.push(task);
  }
  return tasks;
}

async function withDescendants(reader: ActorReader, named: readonly Task[]): Promise<Task[]> {
  const found = new Map<string, Task>();
  const waiting = [...named];
  for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
    if (found.has(task.id)) continue;
    found.set(task.id, task);
    if (found.size > maxSpawnedTasks) {
      throw new AppError(
        'invalid_task_ids',
        `These tasks have more than ${maxSpawnedTasks} parts; spawn for some of them.`,
      );
    }
    waiting.unshift(...(await collectAll(reader.tasks, { parentId: task.id })));
  }
  return [...found.values()];
}
