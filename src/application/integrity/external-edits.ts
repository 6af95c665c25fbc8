import { type Stream, streamOf } from '../../domain/channel.ts';
import { StartError } from '../../domain/start-error.ts';
import { changed, sameValue } from '../../domain/values/entity.ts';
import type { Open } from '../access/actor-store.ts';
import { callBy } from '../access/call.ts';
import { projectOf } from '../access/visibility.ts';
import { collections, type EntityOf, type Kind } from '../store/collections.ts';
import { runUnit } from '../work/unit-of-work.ts';

/** An entity whose file somebody edited: how it is stored, and what the file says. */
export interface Edit {
  readonly kind: Kind;
  readonly id: string;
  readonly path: string;
  readonly before: EntityOf<Kind>;
  readonly value: unknown;
}

/** Throws StartError unless each of the edits can be made. */
export function assertAcceptable(edits: readonly Edit[]): void {
  for (const edit of edits) {
    const { kind, before, value } = edit;
    if (!editable.includes(kind))
      throw refused(edit, `a ${collections[kind].noun} cannot be edited in its file`);
    const issue = collections[kind].schema.safeParse(value).error?.issues[0];
    if (issue !== undefined) throw refused(edit, `${issue.path.join('.') || 'it'}: ${issue.message}`);
    // Its schema has just said that it is an object.
    if (!sameValue(fixed(value as object), fixed(before)))
      throw refused(edit, 'its ids and its creation stay');
  }
}

/**
 * Makes acceptable edits as one change, each with the event that tells it; their actor is `external_edit`. Only the
 * fields that were edited change, as the rest may have changed after the file was written.
 */
export async function acceptEdits(open: Open, edits: readonly Edit[]): Promise<void> {
  const call = callBy({ id: 'external_edit', role: 'admin', projects: '*' });
  await runUnit(open(call), async (unit) => {
    const { now, tx } = unit;
    for (const stream of ['workspace' as const, ...new Set(edits.map(streamOfEdit))].sort())
      await tx.lock(stream);
    for (const edit of edits) {
      const { kind, id } = edit;
      if (kind === 'tasks') unit.putTask({ ...withEdit(await unit.task(id), edit), updatedAt: now });
      else if (kind === 'sessions') {
        unit.putSession({ ...withEdit(await unit.session(id), edit), lastActivity: now });
      } else {
        const after = { ...withEdit(await tx.projects.require(id), edit), updatedAt: now };
        tx.emit('project:updated', { ...(await tx.projects.update(after)), projectId: id });
      }
    }
  });
}

function withEdit<T extends { readonly version: number }>(now: T, { before, value }: Edit): T {
  // Both were checked to be entities of the same kind.
  const [then, edited] = [before, value] as Record<string, unknown>[] as [Partial<T>, Partial<T>];
  const keys = [...new Set([...Object.keys(then), ...Object.keys(edited)])] as (keyof T)[];
  const changes: Partial<T> = {};
  for (const key of keys) if (!sameValue(then[key], edited[key])) changes[key] = edited[key];
  return { ...changed(now, changes), version: now.version };
}

const editable: readonly Kind[] = ['projects', 'tasks', 'sessions'];

function fixed(entity: object) {
  const { id, createdAt, projectId } = entity as Record<string, unknown>;
  return { id, createdAt, projectId };
}

function streamOfEdit({ kind, before }: Edit): Stream {
  return streamOf(projectOf(kind, before) ?? null);
}

function refused({ path }: Edit, why: string): StartError {
  return new StartError(`The edit of ${path} cannot be taken in: ${why}. Put the file back as it was.`);
}
