import { canSeeProject } from '../../domain/access/access.ts';
import { type Stream, streamOfProject } from '../../domain/channel.ts';
import { notFoundError } from '../../domain/errors.ts';
import type { Position } from '../../domain/position.ts';
import { projectOf } from '../store/collection-of.ts';
import { collections, type EntityOf, type FilterValue, type Kind } from '../store/collections.ts';
import type { EventReader, Query } from '../store/store.ts';
import type { Call } from './call.ts';

/** What one call may see, which streams it has looked at, and whether it changed anything. */
export class Visibility {
  readonly call: Call;
  readonly #streams = new Set<Stream>();
  /** The streams that the transaction has locked: what is read under a lock stays as it is. */
  readonly locked = new Set<Stream>();
  hasWritten = false;

  constructor(call: Call) {
    this.call = call;
  }

  /** Whether the entity exists for the actor. */
  isVisible<K extends Kind>(kind: K, entity: EntityOf<K>): boolean {
    const project = projectOf(kind, entity);
    return project !== undefined && canSeeProject(this.call.actor, project);
  }

  /** The entity if it exists for the actor, else undefined. */
  filter<K extends Kind>(kind: K, entity: EntityOf<K> | undefined): EntityOf<K> | undefined {
    if (entity === undefined || !this.isVisible(kind, entity)) return undefined;
    this.#streams.add(streamOfProject(projectOf(kind, entity) ?? null));
    return entity;
  }

  /** The stream of the project, if that exists for the actor. Throws NOT_FOUND. */
  requireProject(projectId: string): Stream {
    if (!canSeeProject(this.call.actor, projectId)) throw notFoundError('project', projectId);
    const stream = streamOfProject(projectId);
    this.#streams.add(stream);
    return stream;
  }

  /** The query within the projects of the actor; undefined when nothing can match. */
  restrict<K extends Kind>(kind: K, query: Query<K>): Query<K> | undefined {
    if (!('projectId' in collections[kind].filters)) return query;
    const { projects } = this.call.actor;
    const where: { readonly projectId?: FilterValue | readonly FilterValue[] | undefined } =
      query.where ?? {};
    const asked = where.projectId === undefined ? undefined : [where.projectId].flat();
    const within =
      projects === '*' ? asked : (asked ?? [...projects]).filter((id) => id !== null && projects.has(id));
    if (within === undefined) return query;
    if (within.length === 0) return undefined;
    if (within.length === 1) this.#streams.add(streamOfProject(within[0] ?? null));
    // Only collections with this filter come so far.
    return { ...query, where: { ...query.where, projectId: within } as Query<K>['where'] };
  }

  /** Where the streams stand that this call looked at. */
  async positions(events: EventReader): Promise<ReadonlyMap<Stream, Position>> {
    const positions = new Map<Stream, Position>();
    for (const stream of this.#streams) positions.set(stream, await events.head(stream));
    return positions;
  }
}
