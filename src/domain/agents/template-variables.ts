import { z } from 'zod';
import { agentRoleSchema } from '../work/agent-role.ts';
import type { Project } from '../work/project.ts';
import type { Session } from '../work/session.ts';
import type { Task } from '../work/task.ts';
import { orchestratorStrategySchema } from './orchestrator-strategy.ts';
import { orchestratorInstructions, workerInstructions } from './strategy-instructions.ts';

/** What variables are filled in from: a session, its project, its tasks in order, and the tasks they refer to. */
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

/** The role and the orchestrator strategy in the metadata of a session, or their defaults. */
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
    description: 'Every task of the session, one line each.',
    value: ({ tasks }) => formatTaskList(tasks),
  },
  RELATED_TASKS: {
    description: 'The tasks that those of the session depend on or refer to, one line each.',
    value: ({ related }) => formatTaskList(related),
  },
  ACCEPTANCE_CRITERIA: {
    description: 'When a task is done; the same for all tasks.',
    value: () => 'everything in its description is done, and you have seen it work.',
  },
  CODEBASE_CONTEXT: {
    description: 'The working directory of the project, in a sentence.',
    value: ({ project }) => (project.workingDir === '' ? '' : `The project is in ${project.workingDir}.`),
  },
  PROJECT_STANDARDS: {
    description: 'The description of the project.',
    value: ({ project }) => project.description,
  },
  STRATEGY: { description: 'The strategy of the session.', value: ({ session }) => session.strategy },
  STRATEGY_INSTRUCTIONS: {
    description: 'Instructions for this strategy, with its commands.',
    value: ({ session }) => workerInstructions[session.strategy],
  },
  ORCHESTRATOR_STRATEGY: {
    description: 'The strategy of the orchestrator.',
    value: ({ session }) => parseSessionMetadata(session).orchestratorStrategy,
  },
  ORCHESTRATOR_STRATEGY_INSTRUCTIONS: {
    description: 'Instructions for this strategy.',
    value: ({ session }) => orchestratorInstructions[parseSessionMetadata(session).orchestratorStrategy],
  },
} as const satisfies Readonly<Record<string, TemplateVariable>>;

/**
 * The content with its variables filled in. Unknown variables stay as they are, and so do those inside a value: the text
 * of a task is never expanded.
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
