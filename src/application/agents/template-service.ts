import { defaultTemplates } from '../../domain/agents/default-templates.ts';
import {
  changeTemplate,
  createTemplate,
  defaultTemplateId,
  resetTemplate,
  type Template,
} from '../../domain/agents/template.ts';
import { parseSessionMetadata, renderTemplate } from '../../domain/agents/template-variables.ts';
import { AppError, notFoundError } from '../../domain/errors.ts';
import { newId } from '../../domain/values/id.ts';
import type { Page } from '../../domain/values/page.ts';
import type { AgentRole } from '../../domain/work/agent-role.ts';
import type { ActorReader, ActorStoreFactory, ActorTransaction } from '../access/actor-store.ts';
import { assertVersionMatches, type Call } from '../access/call.ts';
import type { Query } from '../store/store.ts';

/** What a client wants changed of a template. */
export interface TemplateChanges {
  readonly name?: string | undefined;
  readonly content?: string | undefined;
  /** Puts it in the place of the one that is active for its role. */
  readonly active?: true | undefined;
}

/** The prompt of a session, and the template that it was made of. */
export interface Prompt {
  readonly templateId: string;
  readonly role: AgentRole;
  readonly prompt: string;
}

/** What may be done with templates. */
export class TemplateService {
  readonly #open: ActorStoreFactory;

  constructor(open: ActorStoreFactory) {
    this.#open = open;
  }

  /** Templates of every role, or of one. */
  list(call: Call, query: Query<'templates'>): Promise<Page<Template>> {
    return this.#open(call).read((reader) => reader.templates.list(query));
  }

  /** One template. Throws NOT_FOUND. */
  get(call: Call, id: string): Promise<Template> {
    return this.#open(call).read((reader) => reader.templates.require(id));
  }

  /** The template that agents of the role are given. Throws NOT_FOUND in a store that was never started with. */
  activeForRole(call: Call, role: AgentRole): Promise<Template> {
    return this.#open(call).read((reader) => activeTemplate(reader, role));
  }

  /** What the default of the role says at first, whatever became of it. */
  defaultForRole(role: AgentRole): { readonly role: AgentRole; readonly content: string } {
    return { role, content: defaultTemplates[role] };
  }

  /** A new template, which is not active. */
  create(call: Call, input: Pick<Template, 'name' | 'role' | 'content'>): Promise<Template> {
    return this.#open(call).transaction(async (tx) => {
      await tx.lock('workspace');
      const template = await tx.templates.insert(createTemplate(newId('tmpl', tx.now), input, tx.now));
      tx.emit('template:created', { template });
      return template;
    });
  }

  /** The template with the changes. Throws NOT_FOUND, PRECONDITION_FAILED. */
  update(call: Call, id: string, changes: TemplateChanges): Promise<Template> {
    return this.#open(call).transaction(async (tx) => {
      const before = await tx.templates.require(id);
      assertVersionMatches(call, before);
      if (changes.active && !before.active) await deactivate(tx, before.role);
      return saveTemplate(tx, before, changeTemplate(before, changes, tx.now));
    });
  }

  /** The template with the content of the default of its role. Throws NOT_FOUND, PRECONDITION_FAILED. */
  reset(call: Call, id: string): Promise<Template> {
    return this.#open(call).transaction(async (tx) => {
      const before = await tx.templates.require(id);
      assertVersionMatches(call, before);
      return saveTemplate(tx, before, resetTemplate(before, tx.now), 'template:reset');
    });
  }

  /** Deletes a template; the default takes the place of an active one. Throws NOT_FOUND, CONFLICT for a default. */
  remove(call: Call, id: string): Promise<{ success: true; id: string }> {
    return this.#open(call).transaction(async (tx) => {
      const template = await tx.templates.require(id);
      assertVersionMatches(call, template);
      if (template.isDefault) {
        throw new AppError(
          'CONFLICT',
          'The default of a role cannot be deleted; make another template active, or reset this one.',
        );
      }
      await tx.templates.delete(id);
      if (template.active) {
        const fallback = await tx.templates.require(defaultTemplateId(template.role));
        await saveTemplate(tx, fallback, changeTemplate(fallback, { active: true }, tx.now));
      }
      tx.emit('template:deleted', { id });
      return { success: true, id };
    });
  }

  /** What the agent of a session is told: the active template of its role, filled in. Throws NOT_FOUND. */
  prompt(call: Call, sessionId: string): Promise<Prompt> {
    return this.#open(call).read(async (reader) => {
      const session = await reader.sessions.require(sessionId);
      const project = await reader.projects.require(session.projectId);
      const tasks = await existingTasks(reader, session.taskIds);
      const known = new Set(session.taskIds);
      const mentioned = tasks.flatMap((task) => [...task.dependencies, ...task.referenceTaskIds]);
      const related = await existingTasks(
        reader,
        [...new Set(mentioned)].filter((id) => !known.has(id)),
      );
      const { role } = parseSessionMetadata(session);
      const { id, content } = await activeTemplate(reader, role);
      return { templateId: id, role, prompt: renderTemplate(content, { session, project, tasks, related }) };
    });
  }
}

/** The template that agents of the role are given. Throws NOT_FOUND. */
async function activeTemplate(reader: Pick<ActorReader, 'templates'>, role: AgentRole): Promise<Template> {
  const { items } = await reader.templates.list({ where: { activeFor: role }, limit: 1 });
  if (items[0] === undefined) throw notFoundError('template', `for the role ${role}`);
  return items[0];
}

async function deactivate(tx: ActorTransaction, role: AgentRole): Promise<void> {
  const { items } = await tx.templates.list({ where: { activeFor: role }, limit: 1 });
  for (const active of items)
    await saveTemplate(tx, active, changeTemplate(active, { active: false }, tx.now));
}

async function saveTemplate(
  tx: ActorTransaction,
  before: Template,
  after: Template,
  name: 'template:updated' | 'template:reset' = 'template:updated',
): Promise<Template> {
  if (after === before) return before;
  const template = await tx.templates.update(after);
  tx.emit(name, { template });
  return template;
}

async function existingTasks(reader: ActorReader, ids: readonly string[]) {
  const tasks = await Promise.all(ids.map((id) => reader.tasks.get(id)));
  return tasks.filter((task) => task !== undefined);
}
