import { z } from 'zod';
import { maxSpawnedTasks } from '../../application/agents/spawn-plan.ts';
import { orchestratorStrategySchema } from '../../domain/agents/orchestrator-strategy.ts';
import { idSchema } from '../../domain/values/id.ts';
import { skillNameSchema } from '../../domain/values/skill-name.ts';
import { type AgentRole, agentRoleSchema } from '../../domain/work/agent-role.ts';
import { launcherIdSchema } from '../../domain/work/launch.ts';
import { sessionSchema, sessionViewSchema, strategySchema } from '../../domain/work/session.ts';
import { type Task, taskFields } from '../../domain/work/task.ts';
import { created, json } from '../answer.ts';
import { endpoint } from '../endpoint.ts';

const idParams = { id: idSchema };

const roleOfMode = {
  worker: 'worker',
  execute: 'worker',
  'coordinated-worker': 'worker',
  coordinator: 'orchestrator',
  coordinate: 'orchestrator',
  'coordinated-coordinator': 'orchestrator',
} as const satisfies Record<string, AgentRole>;

/** How newer agent programs name the role. */
const agentModeSchema = z
  .enum(Object.keys(roleOfMode) as (keyof typeof roleOfMode)[])
  .meta({ description: 'What newer agent programs send in place of `role`, which wins over it.' });

const agentToolOfProvider: Readonly<Record<string, Task['agentTool']>> = {
  claude: 'claude-code',
  openai: 'codex',
  gemini: 'gemini',
};

/** How newer agent programs name the model and the tool. */
const launchConfigSchema = z
  .looseObject({ provider: z.string().max(200).optional(), model: taskFields.model.optional() })
  .meta({
    description:
      'What newer agent programs send in place of `model` and `agentTool`, which win over it; its other keys are accepted and ignored.',
  });

const spawnSchema = z
  .object({
    projectId: idSchema,
    taskIds: z.array(idSchema).min(1, 'name at least one task').max(maxSpawnedTasks),
    sessionName: z
      .string()
      .trim()
      .max(500)
      .optional()
      .meta({ description: 'By default the role and the first task.' }),
    skills: z
      .array(z.union([skillNameSchema, z.literal('')]))
      .max(200)
      .default([])
      .transform((names) => names.filter((name) => name !== ''))
      .meta({ description: 'Names of skills for the agent; what it does not know it passes over.' }),
    sessionId: idSchema
      .optional()
      .meta({ description: 'The session it is spawned for; needed where a session spawns.' }),
    spawnSource: z.enum(['ui', 'session']).default('ui'),
    role: agentRoleSchema
      .optional()
      .meta({ description: 'By default "worker", unless `mode` says otherwise.' }),
    mode: agentModeSchema.optional(),
    strategy: strategySchema.default('simple'),
    orchestratorStrategy: orchestratorStrategySchema.optional(),
    model: taskFields.model.optional(),
    agentTool: taskFields.agentTool.optional(),
    launchConfig: launchConfigSchema.optional(),
    context: sessionSchema.shape.metadata.meta({ description: 'Kept in the metadata of the session.' }),
  })
  .refine((input) => input.spawnSource === 'ui' || input.sessionId !== undefined, {
    path: ['sessionId'],
    message: 'is missing: where a session spawns, name it',
    when: ({ value }) => z.object({ spawnSource: z.literal('session') }).safeParse(value).success,
  });

const environmentSchema = z.record(z.string(), z.string()).meta({
  description: 'What the agent is started with beside its own environment; MAESTRO_TOKEN is its token.',
});

const spawnResultSchema = z
  .object({
    success: z.literal(true),
    sessionId: idSchema,
    manifestPath: z.string(),
    message: z.string(),
    session: sessionViewSchema,
    env: environmentSchema,
  })
  .meta({ id: 'Spawned', description: 'A session that waits for its agent.' });

const launchAssignmentSchema = z
  .object({
    success: z.literal(true),
    sessionId: idSchema,
    launcherId: launcherIdSchema,
    command: z.string(),
    cwd: z.string().meta({ description: 'The working directory, empty when the project names none.' }),
    env: environmentSchema,
    manifestPath: z.string(),
    expiresAt: z.int().meta({ description: 'When the token ends unless it is renewed.' }),
    session: sessionViewSchema,
  })
  .meta({ id: 'Claim', description: 'All that the agent of a session is started with.' });

const renewedTokenSchema = z.object({
  token: z.string().meta({ description: 'The token of the session, which its bearer had before.' }),
  expiresAt: z.int(),
});

/** How sessions come to their agents. */
export const spawnEndpoints = [
  endpoint({
    method: 'POST',
    path: '/api/sessions/spawn',
    summary: 'Spawns a session for an agent: linked to its tasks, with its manifest and a token of its own.',
    description:
      'Everything is checked and the manifest is written before anything is created. The agent gets a token that is bound to the session and never good for more or longer than that of the caller; it is in this answer, in that of the launch, and nowhere else. An equal body of the same actor within 30 seconds gets the first answer again while that session still waits; with an Idempotency-Key, the key says what is the same. Strategy tree takes all that is a part of the named tasks, too.',
    permission: 'session:spawn',
    body: spawnSchema,
    ignoredKeys: ['spawnedBy', '_isSpawnCreated', '_suppressCreatedEvent'],
    fieldErrorCodes: {
      projectId: 'missing_project_id',
      taskIds: 'invalid_task_ids',
      spawnSource: 'invalid_spawn_source',
      sessionId: 'missing_session_id',
      role: 'invalid_role',
      mode: 'invalid_role',
      orchestratorStrategy: 'invalid_orchestrator_strategy',
      strategy: 'invalid_strategy',
    },
    answer: created(spawnResultSchema, ({ sessionId }) => `/api/sessions/${sessionId}`),
    errors: [
      'missing_project_id',
      'invalid_task_ids',
      'invalid_spawn_source',
      'missing_session_id',
      'parent_session_not_found',
      'invalid_role',
      'task_not_found',
      'project_not_found',
      'invalid_orchestrator_strategy',
      'invalid_strategy',
      'manifest_generation_failed',
      'TRY_AGAIN',
    ],
    handle: ({ call, body: { mode = 'worker', launchConfig, ...body } }, { spawns }) =>
      spawns.spawn(call, {
        ...body,
        role: body.role ?? roleOfMode[mode],
        model: body.model ?? launchConfig?.model,
        agentTool: body.agentTool ?? agentToolOfProvider[launchConfig?.provider ?? ''],
      }),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/launch',
    summary: 'Claims the launch of a spawned session for one launcher, and gives all that its agent needs.',
    description:
      'The same launcher of the same actor gets the same claim again, with its token prolonged; any other is refused with 409.',
    permission: 'session:launch',
    params: idParams,
    body: z.object({ launcherId: launcherIdSchema }),
    answer: json(launchAssignmentSchema),
    errors: ['CONFLICT'],
    handle: ({ call, params, body }, { launches }) => launches.assign(call, params.id, body.launcherId),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/token',
    summary: 'Renews the token of a session with itself, while the session lives; that is a sign of life.',
    permission: 'session:renew',
    params: idParams,
    answer: json(renewedTokenSchema),
    errors: ['CONFLICT'],
    handle: ({ call, params }, { launches }) => launches.renew(call, params.id),
  }),
];
