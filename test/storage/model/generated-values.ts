import { collectionOf } from '../../../src/application/store/collection-of.ts';
import type {
  EntityOf,
  FilterValue,
  Kind,
  LogEntryOf,
  LogKind,
} from '../../../src/application/store/collections.ts';
import { type EventName, eventNames } from '../../../src/domain/events.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { logSamples, sampleProjectId, samples } from '../../support/samples/samples.ts';
import { otherProjectId, type ValuePicker, variants } from '../../support/samples/variants.ts';
import type { Question } from './model-steps.ts';

/** The id that a number stands for; those of projects are the two whose streams are locked. */
export function generateId(kind: Kind | LogKind, id: number): string {
  return kind === 'projects' ? (id % 2 === 0 ? sampleProjectId : otherProjectId) : `${kind}_${id}`;
}

/** The entity that the numbers stand for, always the same one. */
export function generateEntity<K extends Kind>(kind: K, id: number, seed: number): EntityOf<K> {
  const key = kind === 'queues' ? 'sessionId' : 'id';
  return {
    ...samples[kind](),
    ...variants[kind](createPicker(seed)),
    [key]: generateId(kind, id),
    version: 1 + (seed % 3),
  };
}

/** The entry that the number stands for, always the same one. */
export function generateEntry<L extends LogKind>(kind: L, seed: number): LogEntryOf<L> {
  const key = kind === 'contents' ? 'documentId' : 'id';
  return { ...logSamples[kind](), [key]: `evt_${seed}` };
}

/** The event that the number stands for, in either project. */
export function generateEvent(event: number): {
  readonly name: EventName;
  readonly data: (typeof eventSamples)[EventName];
} {
  const name = eventNames[event % eventNames.length] ?? 'task:deleted';
  const data = eventSamples[name];
  return { name, data: event % 3 === 0 ? { ...data, projectId: otherProjectId } : data };
}

/** A query's filters, sort and place, made of what entities of the kind can have. */
export function generateQuery(kind: Kind, { filters, values, sort, seed }: Question & { ask: 'list' }) {
  const collection = collectionOf(kind);
  const [first, second] = [generateEntity(kind, 0, seed), generateEntity(kind, seed % 8, seed + 1)];
  const where: Record<string, FilterValue | readonly FilterValue[] | undefined> = {};
  const known = Object.entries(collection.filters);
  for (const one of known.length === 0 ? [] : filters) {
    const [filter, valuesOf] = known[one % known.length] as (typeof known)[number];
    const own = [valuesOf(first)].flat();
    where[filter] = { one: own[0], several: [...own, ...[valuesOf(second)].flat()], none: null }[values];
  }
  const sorts = Object.entries(collection.sorts);
  const [name, keyOf] = sorts[sort % sorts.length] ?? [];
  if (name === undefined || keyOf === undefined) throw new Error(`nothing orders ${kind}`);
  return { where, sort: name, place: { key: keyOf(second), id: generateId(kind, seed % 8) } };
}

/** Picks by the number, always the same way. */
function createPicker(seed: number): ValuePicker {
  let state = seed + 1;
  return (values) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    const picked = values[(state >>> 8) % values.length];
    // Nothing picks from an empty list.
    return picked as (typeof values)[number];
  };
}
