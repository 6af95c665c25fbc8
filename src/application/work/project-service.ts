import { streamOfProject } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { newId } from '../../domain/values/id.ts';
import type { Page } from '../../domain/values/page.ts';
import {
  changeProject,
  createProject,
  type Project,
  type ProjectChanges,
} from '../../domain/work/project.ts';
import type { ActorStoreFactory } from '../access/actor-store.ts';
import { assertVersionMatches, type Call } from '../access/call.ts';
import { collectAll } from '../store/paginate.ts';
import type { Query } from '../store/store.ts';
import { deleteDocument, deleteSession, deleteTask } from './deletion.ts';
import { runUnit } from './unit-of-work.ts';

/** What may be done with projects. */
export class ProjectService {
  readonly #open: ActorStoreFactory;

  constructor(open: ActorStoreFactory) {
    this.#open = open;
  }

  /** The projects the actor may see. */
  list(call: Call, query: Query<'projects'>): Promise<Page<Project>> {
    return this.#open(call).read((reader) => reader.projects.list(query));
  }

  /** One project. Throws NOT_FOUND. */
  get(call: Call, id: string): Promise<Project> {
    return this.#open(call).read((reader) => reader.projects.require(id));
  }

  /** A new project. */
  create(call: Call, input: ProjectChanges & { readonly name: string }): Promise<Project> {
    return this.#open(call).transaction(async (tx) => {
      const id = newId('proj', tx.now);
      await tx.lock(streamOfProject(id));
      await tx.lock('workspace');
      const project = await tx.projects.insert(createProject(id, input, tx.now));
      tx.emit('project:created', { ...project, projectId: id });
      return project;
    });
  }

  /** The project with the changes. Throws NOT_FOUND, PRECONDITION_FAILED. */
  update(call: Call, id: string, changes: ProjectChanges): Promise<Project> {
    return this.#open(call).transaction(async (tx) => {
      const before = await tx.projects.require(id);
      assertVersionMatches(call, before);
      const after = changeProject(before, changes, tx.now);
      if (after === before) return before;
      await tx.lock('workspace');
      const project = await tx.projects.update(after);
      tx.emit('project:updated', { ...project, projectId: id });
      return project;
    });
  }

  /**
   * Deletes the project, and with `cascade` all it holds. Throws NOT_FOUND, PRECONDITION_FAILED, and
   * BUSINESS_RULE_ERROR when it holds anything and `cascade` was not said.
   */
  remove(call: Call, id: string, cascade: boolean): Promise<{ success: true; id: string }> {
    return runUnit(this.#open(call), async (unit) => {
      const { tx } = unit;
      assertVersionMatches(call, await tx.projects.require(id));
      await tx.lock('workspace');
      if (cascade) {
        for (const session of await collectAll(tx.sessions, { projectId: id }))
          await deleteSession(unit, session.id);
        for (const root of await collectAll(tx.tasks, { projectId: id, parentId: null }))
          await deleteTask(unit, root.id);
        for (const document of await collectAll(tx.documents, { projectId: id }))
          await deleteDocument(unit, document);
      }
      for (const kind of ['tasks', 'sessions'] as const) {
        const { items } = await tx[kind].list({ where: { projectId: id }, limit: 1 });
        if (items.length > 0) {
          throw new AppError(
            'BUSINESS_RULE_ERROR',
            `The project still has ${kind}; delete them first, or delete it with ?cascade=true.`,
          );
        }
      }
      await tx.projects.delete(id);
      // No event of a project follows its end.
      await unit.save();
      tx.emit('project:deleted', { id, projectId: id });
      return { success: true, id };
    });
  }
}
