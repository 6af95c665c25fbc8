import { z } from 'zod';
import { agentRoleSchema } from '../work/agent-role.ts';
import type { Project } from '../work/project.ts';
import type { Session } from '../work/session.ts';
import type { Task } from '../work/task.ts';
import { orchestratorInstructions, workerInstructions } from './strategy-instructions.ts';

/** What a template is filled with: a session, its project, its tasks in order, and tasks worth knowing for them. */
export interface TemplateContext {
  readonly session: Session;
  readonly project: Project;
  readonly tasks: readonly Task[];
  readonly related: readonly Task[];
}

interface Variable {
  readonly sentence: string;
  readonly value: (context: TemplateContext) => string;
}

const about = z.object({
  role: agentRoleSchema.catch('worker'),
  orchestratorStrategy: z.enum(['default', 'intelligent-batching', 'dag']).catch('default'),
});

/** What a session says in its metadata about itself, and what it is when it says nothing. */
export function aboutSession(session: Session): z.infer<typeof about> {
  return about.parse(session.metadata ?? {});
}

const ofTask =
  (value: (task: Task) => string) =>
  ({ tasks }: TemplateContext): string =>
    tasks[0] === undefined ? '' : value(tasks[0]);

/** CATALOGUE: every variable that a template may name as `${NAME}`. */
export const templateVariables = {
  SESSION_ID: { sentence: 'The id of the session.', value: ({ session }) => session.id },
  SESSION_NAME: { sentence: 'The name of the session.', value: ({ session }) => session.name },
  PROJECT_ID: { sentence: 'The id of the project.', value: ({ project }) => project.id },
  PROJECT_NAME: { sentence: 'The name of the project.', value: ({ project }) => project.name },
  TASK_ID: { sentence: 'The id of the first task.', value: ofTask((task) => task.id) },
  TASK_TITLE: { sentence: 'The title of the first task.', value: ofTask((task) => task.title) },
  TASK_DESCRIPTION: {
    sentence: 'What the first task asks for: its description, then its prompt.',
    value: ofTask((task) => [task.description, task.initialPrompt].filter(Boolean).join('\n\n')),
  },
  TASK_PRIORITY: { sentence: 'The priority of the first task.', value: ofTask((task) => task.priority) },
  TASK_COUNT: { sentence: 'How many tasks the session has.', value: ({ tasks }) => `${tasks.length}` },
  ALL_TASKS: { sentence: 'Every task of the session, a line each.', value: ({ tasks }) => lines(tasks) },
  RELATED_TASKS: {
    sentence: 'The tasks that come before those of the session or that they refer to, a line each.',
    value: ({ related }) => lines(related),
  },
  ACCEPTANCE_CRITERIA: {
    sentence: 'When a task is done; the same for all.',
    value: () => 'what its description asks for is there, and has been seen working.',
  },
  CODEBASE_CONTEXT: {
    sentence: 'Where the project lies.',
    value: ({ project }) => (project.workingDir === '' ? '' : `The project lies in ${project.workingDir}.`),
  },
  PROJECT_STANDARDS: {
    sentence: 'What the project says of itself.',
    value: ({ project }) => project.description,
  },
  STRATEGY: { sentence: 'How the session takes its tasks.', value: ({ session }) => session.strategy },
  STRATEGY_INSTRUCTIONS: {
    sentence: 'What that means, with the commands for it.',
    value: ({ session }) => workerInstructions[session.strategy],
  },
  ORCHESTRATOR_STRATEGY: {
    sentence: 'How an orchestrator hands out tasks.',
    value: ({ session }) => aboutSession(session).orchestratorStrategy,
  },
  ORCHESTRATOR_STRATEGY_INSTRUCTIONS: {
    sentence: 'What that means.',
    value: ({ session }) => orchestratorInstructions[aboutSession(session).orchestratorStrategy],
  },
} as const satisfies Readonly<Record<string, Variable>>;

/**
 * The content with its variables filled in. What looks like a variable and is none stays as it is, as does what a value
 * holds: a task cannot bring variables of its own.
 */
export function fillTemplate(content: string, context: TemplateContext): string {
  const variables: Readonly<Record<string, Variable>> = templateVariables;
  return content.replaceAll(/\$\{([A-Z_]{1,64})\}/g, (text, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name]?.value(context) ?? text) : text,
  );
}

function lines(tasks: readonly Task[]): string {
  if (tasks.length === 0) return 'There are none.';
  return tasks
    .map(({ id, title, status, priority }) => `- ${id} (${status}, ${priority}): ${title}`)
    .join('\n');
}
