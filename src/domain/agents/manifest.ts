import { z } from 'zod';
import { type DeepReadonly, omitUndefined } from '../values/immutable.ts';
import { skillNameSchema } from '../values/skill-name.ts';
import { type AgentRole, agentRoleSchema } from '../work/agent-role.ts';
import type { Project } from '../work/project.ts';
import type { Strategy } from '../work/session.ts';
import { agentToolSchema, type Task, taskPrioritySchema, taskStatusSchema } from '../work/task.ts';
import { type OrchestratorStrategy, orchestratorStrategySchema } from './orchestrator-strategy.ts';

const stringListSchema = z.array(z.string());

/** An object of a manifest. Programs write null for what there is not, which counts as absent. */
function manifestObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(omitNulls, z.strictObject(shape));
}

function omitNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

const manifestTaskSchema = manifestObject({
  id: z.string().min(1),
  title: z.string().min(1),
  description: z.string(),
  acceptanceCriteria: stringListSchema.min(1),
  projectId: z.string().min(1),
  createdAt: z.iso.datetime(),
  parentId: z.string().optional(),
  dependencies: stringListSchema.optional(),
  priority: z.enum([...taskPrioritySchema.options, 'critical']).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  status: taskStatusSchema.exclude(['archived']).optional(),
  sessionIds: stringListSchema.optional(),
  activeSessionId: z.string().optional(),
});

const manifestSessionSchema = manifestObject({
  model: z.string().min(1),
  permissionMode: z.enum(['acceptEdits', 'interactive', 'readOnly']),
  thinkingMode: z.enum(['auto', 'interleaved', 'disabled']).optional(),
  maxTurns: z.number().optional(),
  timeout: z.number().optional(),
  workingDirectory: z.string().optional(),
  allowedCommands: stringListSchema.optional(),
});

const manifestContextSchema = manifestObject({
  codebaseContext: manifestObject({
    recentChanges: z.unknown().optional(),
    relevantFiles: z.unknown().optional(),
    architecture: z.unknown().optional(),
    techStack: z.unknown().optional(),
    dependencies: z.unknown().optional(),
  }).optional(),
  relatedTasks: z
    .array(
      manifestObject({
        id: z.string(),
        title: z.string(),
        relationship: z.enum(['blocks', 'blocked_by', 'depends_on', 'related_to']),
        status: z.string(),
        description: z.string().optional(),
      }),
    )
    .optional(),
  projectStandards: manifestObject({
    codingStyle: z.unknown().optional(),
    testingApproach: z.unknown().optional(),
    documentation: z.unknown().optional(),
    branchingStrategy: z.unknown().optional(),
    cicdPipeline: z.unknown().optional(),
    customGuidelines: z.unknown().optional(),
  }).optional(),
  custom: z.record(z.string(), z.unknown()).optional(),
});

/** The manifest of a session: the file that existing agent programs read at their start and validate strictly. */
export const manifestSchema = manifestObject({
  manifestVersion: z.string(),
  role: agentRoleSchema,
  strategy: z.enum(['simple', 'queue']).optional(),
  orchestratorStrategy: orchestratorStrategySchema.optional(),
  tasks: z.array(manifestTaskSchema).min(1),
  session: manifestSessionSchema,
  context: manifestContextSchema.optional(),
  // The program writes an empty name when there are none.
  skills: z.array(z.union([skillNameSchema, z.literal('')])).optional(),
  referenceTaskIds: stringListSchema.optional(),
  templateId: z.string().optional(),
  agentTool: agentToolSchema.optional(),
});

export type Manifest = DeepReadonly<z.infer<typeof manifestSchema>>;

/** What a manifest is made of. */
export interface ManifestRequest {
  readonly sessionId: string;
  readonly sessionName: string;
  readonly role: AgentRole;
  readonly strategy: Strategy;
  readonly orchestratorStrategy?: OrchestratorStrategy | undefined;
  readonly project: Project;
  /** For strategy `tree` all tasks of the tree, each after the task that it is a part of. */
  readonly tasks: readonly Task[];
  readonly skills: readonly string[];
  /** The template that the prompt comes from. */
  readonly templateId?: string | undefined;
  readonly model?: string | undefined;
  readonly agentTool?: Task['agentTool'];
}

const defaultAcceptanceCriterion = 'Everything in the description is done and has been seen to work.';

/**
 * The manifest of a session that is about to start. Existing agent programs do not know the strategy `tree`: its manifest
 * says `simple`, lists every task of the tree, and names the strategy in `context.custom.strategy`.
 */
export function createManifest(request: ManifestRequest): Manifest {
  const { role, project, tasks, skills, orchestratorStrategy, agentTool } = request;
  const taskIds = tasks.map((task) => task.id);
  const references = referencedTaskIds(tasks);
  return omitUndefined({
    manifestVersion: '1.0',
    role,
    strategy: manifestStrategy(request.strategy),
    orchestratorStrategy: role === 'orchestrator' ? (orchestratorStrategy ?? 'default') : undefined,
    tasks: tasks.map(manifestTask),
    session: omitUndefined({
      model: request.model ?? 'sonnet',
      permissionMode: 'acceptEdits' as const,
      thinkingMode: 'auto' as const,
      workingDirectory: project.workingDir || undefined,
    }),
    context: { custom: { taskIds, ...(request.strategy === 'tree' ? { strategy: 'tree' } : {}) } },
    skills: skills.length === 0 ? undefined : skills,
    referenceTaskIds: references.length === 0 ? undefined : references,
    templateId: request.templateId,
    agentTool: agentTool === 'claude-code' ? undefined : agentTool,
  });
}

/** The strategy in a manifest. */
export function manifestStrategy(strategy: Strategy): 'simple' | 'queue' {
  return strategy === 'queue' ? 'queue' : 'simple';
}

/** The ids of the tasks that the given ones refer to, each once. */
export function referencedTaskIds(tasks: readonly Task[]): readonly string[] {
  return [...new Set(tasks.flatMap((task) => task.referenceTaskIds))];
}

function manifestTask(task: Task): Manifest['tasks'][number] {
  const { id, title, description, projectId, parentId, dependencies, priority, status, sessionIds } = task;
  return omitUndefined({
    id,
    title,
    description,
    acceptanceCriteria: [defaultAcceptanceCriterion],
    projectId,
    createdAt: new Date(task.createdAt).toISOString(),
    parentId: parentId ?? undefined,
    dependencies: dependencies.length === 0 ? undefined : dependencies,
    priority,
    status: status === 'archived' ? undefined : status,
    sessionIds: sessionIds.length === 0 ? undefined : sessionIds,
  });
}
