import type { FilterValue } from '../../../application/store/collections.ts';
import type { PageRequest } from '../../../domain/values/page.ts';
import { cartesianProduct, type Filter, OrderedIndex } from './ordered-index.ts';
import { filterIterable, mergeSorted, type ResultSet } from './result-set.ts';
import { SortOrder } from './sort-order.ts';

/** What a table needs to know of the entities in it, as the catalogue of collections says. */
export interface TableDefinition<E> {
  readonly id: (entity: E) => string;
  readonly filters: Readonly<Record<string, Filter<E>>>;
  readonly indexes: readonly (readonly string[])[];
  readonly sorts: Readonly<Record<string, (entity: E) => string | number>>;
}

/** A query of any kind. */
export interface AnyQuery extends PageRequest {
  readonly where?: object | undefined;
  readonly sort?: string | undefined;
  readonly descending?: boolean | undefined;
}

type RequestedFilters = ReadonlyMap<string, readonly FilterValue[]>;

/** More combinations of alternatives than this are not looked up one by one. */
const maxCombinations = 1000;

/** The entities of one kind in memory, with ordered indexes that are built when they are first asked for. */
export class RecordTable<E> {
  readonly #definition: TableDefinition<E>;
  readonly #records = new Map<string, E>();
  readonly #orders: ReadonlyMap<string, SortOrder<E>>;
  readonly #indexes = new Map<readonly string[], OrderedIndex<E>>();

  constructor(entry: TableDefinition<E>) {
    this.#definition = entry;
    this.#orders = new Map(
      Object.entries(entry.sorts).map(([name, sort]) => [name, new SortOrder(sort, entry.id)]),
    );
  }

  get size(): number {
    return this.#records.size;
  }

  get(id: string): E | undefined {
    return this.#records.get(id);
  }

  values(): Iterable<E> {
    return this.#records.values();
  }

  /** Puts the entity in place of the one with its id, which it returns. */
  put(entity: E): E | undefined {
    const id = this.#definition.id(entity);
    const before = this.#records.get(id);
    this.#records.set(id, entity);
    for (const index of this.#indexes.values()) {
      if (before === undefined) index.add(entity);
      else index.replace(before, entity);
    }
    return before;
  }

  /** Takes out the entity with this id and returns it. */
  delete(id: string): E | undefined {
    const before = this.#records.get(id);
    if (before === undefined) return undefined;
    this.#records.delete(id);
    for (const index of this.#indexes.values()) index.remove(before);
    return before;
  }

  /** What the query asks for: a walk over the index that covers most of it, the rest filtered. */
  find(query: AnyQuery): ResultSet<E> {
    const order = this.#order(query.sort ?? 'createdAt');
    const descending = query.descending ?? false;
    const wanted = requestedFilters(query);
    const fields = this.#chooseIndex(wanted);
    const index = this.#index(fields);
    const combinations = cartesianProduct(fields.map((field) => wanted.get(field) ?? []));
    const lists = index.listsOf(combinations, order);
    const rest = new Map([...wanted].filter(([field]) => !fields.includes(field)));
    const compare = (a: E, b: E) => (descending ? order.compare(b, a) : order.compare(a, b));
    return {
      order,
      descending,
      walk: (after) => {
        const walks = lists.map((list) => list.walk(after, descending));
        const walk = walks.length === 1 && walks[0] !== undefined ? walks[0] : mergeSorted(walks, compare);
        return rest.size === 0 ? walk : filterIterable(walk, (entity) => this.#matchesFilters(entity, rest));
      },
      total:
        rest.size === 0 && (lists.length <= 1 || !index.hasOverlaps)
          ? lists.reduce((total, list) => total + list.size, 0)
          : undefined,
    };
  }

  /** Whether the entity is what the query asks for. */
  matches(entity: E, query: AnyQuery): boolean {
    return this.#matchesFilters(entity, requestedFilters(query));
  }

  #matchesFilters(entity: E, wanted: RequestedFilters): boolean {
    for (const [field, values] of wanted) {
      const own = this.#filter(field)(entity);
      const met = Array.isArray(own)
        ? own.some((value) => values.includes(value))
        : values.includes(own as FilterValue);
      if (!met) return false;
    }
    return true;
  }

  /** The declared index with the most of the wanted fields and, of those, the fewest entities; or that of all. */
  #chooseIndex(wanted: RequestedFilters): readonly string[] {
    const usable = this.#definition.indexes.filter((fields) => {
      const ways = fields.reduce((product, field) => product * (wanted.get(field)?.length ?? Infinity), 1);
      return ways <= maxCombinations;
    });
    const most = Math.max(0, ...usable.map((fields) => fields.length));
    const largest = usable.filter((fields) => fields.length === most);
    if (largest.length <= 1) return largest[0] ?? fullIndex;
    const sizes = largest.map((fields) =>
      this.#index(fields).countOf(cartesianProduct(fields.map((field) => wanted.get(field) ?? []))),
    );
    return largest[sizes.indexOf(Math.min(...sizes))] ?? fullIndex;
  }

  #index(fields: readonly string[]): OrderedIndex<E> {
    let index = this.#indexes.get(fields);
    if (index === undefined) {
      const order = this.#order('createdAt');
      index = new OrderedIndex(
        fields.map((field) => this.#filter(field)),
        order,
        this.#sorted(order, fields),
      );
      this.#indexes.set(fields, index);
    }
    return index;
  }

  /** Every entity in order; sorted once, for the index of all. */
  #sorted(order: SortOrder<E>, fields: readonly string[]): Iterable<E> {
    if (fields === fullIndex) return order.sort(this.#records.values());
    return this.#index(fullIndex).listsOf([[]], order)[0]?.walk() ?? [];
  }

  #order(sort: string): SortOrder<E> {
    const order = this.#orders.get(sort);
    if (order === undefined) throw new RangeError(`There is no order ${sort}.`);
    return order;
  }

  #filter(field: string): Filter<E> {
    const filter = this.#definition.filters[field];
    if (filter === undefined) throw new RangeError(`There is no filter ${field}.`);
    return filter;
  }
}

/** The index of all entities, which has no fields. */
const fullIndex: readonly string[] = [];

function requestedFilters(query: AnyQuery): RequestedFilters {
  const wanted = new Map<string, readonly FilterValue[]>();
  const where: Record<string, FilterValue | readonly FilterValue[] | undefined> = { ...query.where };
  for (const [field, values] of Object.entries(where)) {
    if (values !== undefined) wanted.set(field, [...new Set([values].flat())]);
  }
  return wanted;
}
