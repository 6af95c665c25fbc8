import { z } from 'zod';
import { agentRoleSchema } from '../work/agent-role.ts';
import type { Project } from '../work/project.ts';
import type { Session } from '../work/session.ts';
import type { Task } from '../work/task.ts';
import { orchestratorStrategySchema } from './orchestrator-strategy.ts';
import { orchestratorInstructions, workerInstructions } from './strategy-instructions.ts';

/** What a template is filled with: a session, its project, its tasks in order, and tasks worth knowing for them. */
export interface TemplateContext {
  readonly session: Session;
  readonly project: Project;
  readonly tasks: readonly Task[];
  readonly related: readonly Task[];
}

interface TemplateVariable {
  readonly description: string;
  readonly value: (context: TemplateContext) => string;
}

const sessionMetadataSchema = z.object({
  role: agentRoleSchema.catch('worker'),
  orchestratorStrategy: orchestratorStrategySchema.catch('default'),
});

/** What a session says in its metadata about itself, and what it is when it says nothing. */
export function parseSessionMetadata(session: Session): z.infer<typeof sessionMetadataSchema> {
  return sessionMetadataSchema.parse(session.metadata ?? {});
}

const fromFirstTask =
  (value: (task: Task) => string) =>
  ({ tasks }: TemplateContext): string =>
    tasks[0] === undefined ? '' : value(tasks[0]);

/** CATALOGUE: every variable that a template may name as `${NAME}`. */
export const templateVariables = {
  SESSION_ID: { description: 'The id of the session.', value: ({ session }) => session.id },
  SESSION_NAME: { description: 'The name of the session.', value: ({ session }) => session.name },
  PROJECT_ID: { description: 'The id of the project.', value: ({ project }) => project.id },
  PROJECT_NAME: { description: 'The name of the project.', value: ({ project }) => project.name },
  TASK_ID: { description: 'The id of the first task.', value: fromFirstTask((task) => task.id) },
  TASK_TITLE: { description: 'The title of the first task.', value: fromFirstTask((task) => task.title) },
  TASK_DESCRIPTION: {
    description: 'What the first task asks for: its description, then its prompt.',
    value: fromFirstTask((task) => [task.description, task.initialPrompt].filter(Boolean).join('\n\n')),
  },
  TASK_PRIORITY: {
    description: 'The priority of the first task.',
    value: fromFirstTask((task) => task.priority),
  },
  TASK_COUNT: { description: 'How many tasks the session has.', value: ({ tasks }) => `${tasks.length}` },
  ALL_TASKS: {
    description: 'Every task of the session, a line each.',
    value: ({ tasks }) => formatTaskList(tasks),
  },
  RELATED_TASKS: {
    description: 'The tasks that come before those of the session or that they refer to, a line each.',
    value: ({ related }) => formatTaskList(related),
  },
  ACCEPTANCE_CRITERIA: {
    description: 'When a task is done; the same for all.',
    value: () => 'what its description asks for is there, and has been seen working.',
  },
  CODEBASE_CONTEXT: {
    description: 'Where the project lies.',
    value: ({ project }) => (project.workingDir === '' ? '' : `The project lies in ${project.workingDir}.`),
  },
  PROJECT_STANDARDS: {
    description: 'What the project says of itself.',
    value: ({ project }) => project.description,
  },
  STRATEGY: { description: 'How the session takes its tasks.', value: ({ session }) => session.strategy },
  STRATEGY_INSTRUCTIONS: {
    description: 'What that means, with the commands for it.',
    value: ({ session }) => workerInstructions[session.strategy],
  },
  ORCHESTRATOR_STRATEGY: {
    description: 'How an orchestrator hands out tasks.',
    value: ({ session }) => parseSessionMetadata(session).orchestratorStrategy,
  },
  ORCHESTRATOR_STRATEGY_INSTRUCTIONS: {
    description: 'What that means.',
    value: ({ session }) => orchestratorInstructions[parseSessionMetadata(session).orchestratorStrategy],
  },
} as const satisfies Readonly<Record<string, TemplateVariable>>;

/**
 * The content with its variables filled in. What looks like a variable and is none stays as it is, as does what a value
 * holds: a task cannot bring variables of its own.
 */
export function renderTemplate(content: string, context: TemplateContext): string {
  const variables: Readonly<Record<string, TemplateVariable>> = templateVariables;
  return content.replaceAll(/\$\{([A-Z_]{1,64})\}/g, (text, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name]?.value(context) ?? text) : text,
  );
}

function formatTaskList(tasks: readonly Task[]): string {
  if (tasks.length === 0) return 'There are none.';
  return tasks
    .map(({ id, title, status, priority }) => `- ${id} (${status}, ${priority}): ${title}`)
    .join('\n');
}
