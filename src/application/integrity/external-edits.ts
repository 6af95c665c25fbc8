import { type Stream, streamOfProject } from '../../domain/channel.ts';
import { StartError } from '../../domain/start-error.ts';
import { applyChanges, isDeepEqual } from '../../domain/values/immutable.ts';
import type { ActorStoreFactory } from '../access/actor-store.ts';
import { callBy } from '../access/call.ts';
import { projectOf } from '../store/collection-of.ts';
import { collections, type EntityOf, type Kind } from '../store/collections.ts';
import { findSchemaIssue } from '../store/schema-issue.ts';
import { runUnit } from '../work/unit-of-work.ts';

/** An entity whose file somebody edited: how it is stored, and what the file says. */
export interface ExternalEdit {
  readonly kind: Kind;
  readonly id: string;
  readonly path: string;
  readonly before: EntityOf<Kind>;
  readonly value: unknown;
}

/** Throws StartError unless each of the edits can be made. */
export function validateExternalEdits(edits: readonly ExternalEdit[]): void {
  for (const edit of edits) {
    const { kind, before, value } = edit;
    if (!editableKinds.includes(kind))
      throw editError(edit, `a ${collections[kind].noun} cannot be edited in its file`);
    const issue = findSchemaIssue(collections[kind].schema, value);
    if (issue !== undefined) throw editError(edit, issue);
    // Its schema has just said that it is an object.
    if (!isDeepEqual(immutableFields(value as object), immutableFields(before)))
      throw editError(edit, 'its ids and its creation stay');
  }
}

/**
 * Makes acceptable edits as one change, each with the event that tells it; their actor is `external_edit`. Only the
 * fields that were edited change, as the rest may have changed after the file was written.
 */
export async function applyExternalEdits(
  open: ActorStoreFactory,
  edits: readonly ExternalEdit[],
): Promise<void> {
  const call = callBy({ id: 'external_edit', role: 'admin', projects: '*' });
  await runUnit(open(call), async (unit) => {
    const { now, tx } = unit;
    for (const stream of ['workspace' as const, ...new Set(edits.map(streamOfEdit))].sort())
      await tx.lock(stream);
    for (const edit of edits) {
      const { kind, id } = edit;
      if (kind === 'tasks') unit.putTask({ ...mergeEdit(await unit.task(id), edit), updatedAt: now });
      else if (kind === 'sessions') {
        unit.putSession({ ...mergeEdit(await unit.session(id), edit), lastActivity: now });
      } else {
        const after = { ...mergeEdit(await tx.projects.require(id), edit), updatedAt: now };
        tx.emit('project:updated', { ...(await tx.projects.update(after)), projectId: id });
      }
    }
  });
}

function mergeEdit<T extends { readonly version: number }>(now: T, { before, value }: ExternalEdit): T {
  // Both were checked to be entities of the same kind.
  const [then, edited] = [before, value] as Record<string, unknown>[] as [Partial<T>, Partial<T>];
  const keys = [...new Set([...Object.keys(then), ...Object.keys(edited)])] as (keyof T)[];
  const changes: Partial<T> = {};
  for (const key of keys) if (!isDeepEqual(then[key], edited[key])) changes[key] = edited[key];
  return { ...applyChanges(now, changes), version: now.version };
}

const editableKinds: readonly Kind[] = ['projects', 'tasks', 'sessions'];

function immutableFields(entity: object) {
  const { id, createdAt, projectId } = entity as Record<string, unknown>;
  return { id, createdAt, projectId };
}

function streamOfEdit({ kind, before }: ExternalEdit): Stream {
  return streamOfProject(projectOf(kind, before) ?? null);
}

function editError({ path }: ExternalEdit, why: string): StartError {
  return new StartError(`The edit of ${path} cannot be taken in: ${why}. Put the file back as it was.`);
}
