import type { Kind } from '../../../application/store/collections.ts';
import { type AnyEntity, entityId } from './any-entity.ts';

const offset = 0x811c9dc5;
const prime = 0x01000193;

/**
 * A number from the id and version of an entity (FNV-1a). The sum of all of them tells whether an entity is missing, or
 * is there in another version; other versions of one entity never have the same number.
 */
export function entityNumber(kind: Kind, entity: AnyEntity): number {
  let hash = offset ^ entity.version;
  for (const text of [kind, entityId(kind, entity)]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
  }
  return hash >>> 0;
}
