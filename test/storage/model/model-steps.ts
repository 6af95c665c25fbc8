import fc from 'fast-check';
import { type Kind, kinds, type LogKind, logKinds } from '../../../src/application/store/collections.ts';

/** Something to ask a view or a transaction; numbers stand for what the stores are then asked by. */
export type Question =
  | { readonly ask: 'get'; readonly kind: Kind; readonly id: number }
  | {
      readonly ask: 'list';
      readonly kind: Kind;
      /** Which filters, of those the kind has. */
      readonly filters: readonly number[];
      readonly values: 'one' | 'several' | 'none';
      readonly seed: number;
      readonly sort: number;
      readonly descending: boolean;
      readonly limit: number;
      readonly count: boolean;
      /** From the start, page by page to the end, or behind a place that need not exist. */
      readonly from: 'start' | 'all' | 'somewhere';
    }
  | {
      readonly ask: 'entries';
      readonly log: LogKind;
      readonly id: number;
      readonly after: number;
      readonly limit: number;
    }
  | { readonly ask: 'events'; readonly stream: number; readonly after: number; readonly limit: number };

/** Something to do in a transaction. */
export type Change =
  | { readonly do: 'insert' | 'restore'; readonly kind: Kind; readonly id: number; readonly seed: number }
  | {
      readonly do: 'update';
      readonly kind: Kind;
      readonly id: number;
      readonly seed: number;
      /** How far the version it is made from lies behind the present one. */
      readonly behind: number;
    }
  | { readonly do: 'delete'; readonly kind: Kind; readonly id: number }
  | {
      readonly do: 'append';
      readonly log: LogKind;
      readonly id: number;
      readonly seed: number;
      readonly count: number;
    }
  | { readonly do: 'drop'; readonly log: LogKind; readonly id: number }
  | { readonly do: 'emit'; readonly event: number }
  | { readonly do: 'ask'; readonly question: Question };

/** The work of one transaction. */
export interface TransactionWork {
  readonly changes: readonly Change[];
  readonly throws: boolean;
}

/** One step of a run over two stores. */
export type ModelStep =
  | { readonly step: 'transaction'; readonly work: TransactionWork }
  | { readonly step: 'read'; readonly questions: readonly Question[] }
  /** Transactions at the same time, with so many views among them. */
  | { readonly step: 'burst'; readonly works: readonly TransactionWork[]; readonly views: number }
  | { readonly step: 'reopen' };

// Those with the most filters often, so that ids meet; all kinds sometimes.
const kind = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Kind>('tasks', 'tasks', 'queues') },
  fc.constantFrom(...kinds),
);
const log = fc.constantFrom(...logKinds);
const id = fc.nat(7);
const logId = fc.nat(2);
const seed = fc.nat(40);
const limit = fc.integer({ min: 1, max: 6 });

const list = fc.record({
  ask: fc.constant('list' as const),
  kind,
  filters: fc.array(fc.nat(8), { maxLength: 2 }),
  values: fc.constantFrom(
    'one' as const,
    'one' as const,
    'several' as const,
    'several' as const,
    'none' as const,
  ),
  seed,
  sort: fc.nat(3),
  descending: fc.boolean(),
  limit,
  count: fc.boolean(),
  from: fc.constantFrom('start' as const, 'all' as const, 'somewhere' as const),
});

const question: fc.Arbitrary<Question> = fc.oneof(
  { weight: 4, arbitrary: list },
  fc.record({ ask: fc.constant('get' as const), kind, id }),
  fc.record({ ask: fc.constant('entries' as const), log, id: logId, after: fc.nat(4), limit }),
  fc.record({ ask: fc.constant('events' as const), stream: fc.nat(2), after: fc.nat(4), limit }),
);

const insert = fc.record({
  do: fc.constantFrom('insert' as const, 'insert' as const, 'restore' as const),
  kind,
  id,
  seed,
});

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: insert },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      kind,
      id,
      seed,
      behind: fc.constantFrom(0, 0, 0, 0, 1, -1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), kind, id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      log,
      id: logId,
      seed,
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ do: fc.constant('drop' as const), log, id: logId }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('emit' as const), event: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), question }) },
);

const work: fc.Arbitrary<TransactionWork> = fc.record({
  changes: fc.array(change, { maxLength: 8 }),
  throws: fc.constantFrom(false, false, false, true),
});

const laterSteps: fc.Arbitrary<ModelStep[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ step: fc.constant('transaction' as const), work }) },
    {
      weight: 3,
      arbitrary: fc.record({
        step: fc.constant('read' as const),
        questions: fc.array(question, { minLength: 1, maxLength: 5 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        step: fc.constant('burst' as const),
        works: fc.array(work, { minLength: 2, maxLength: 6 }),
        views: fc.nat(3),
      }),
    },
    { weight: 1, arbitrary: fc.record({ step: fc.constant('reopen' as const) }) },
  ),
  { maxLength: 16, size: 'max' },
);

const fillingStep: fc.Arbitrary<ModelStep> = fc.record({
  step: fc.constant('transaction' as const),
  work: fc.record({
    changes: fc.array(insert, { minLength: 10, maxLength: 40, size: 'max' }),
    throws: fc.constant(false),
  }),
});

/** A run: first something to find, then any steps in any order. */
export const arbitrarySteps: fc.Arbitrary<ModelStep[]> = fc
  .tuple(fillingStep, laterSteps)
  .map(([first, rest]) => [first, ...rest]);
