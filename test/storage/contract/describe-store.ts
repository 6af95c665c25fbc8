import { describe } from 'vitest';
import { describeConcurrency } from './concurrency-rules.ts';
import { describeDurability } from './durability-rules.ts';
import { describeEntities } from './entity-rules.ts';
import { describeEvents } from './event-rules.ts';
import { describeHandles } from './handle-rules.ts';
import { describeLists } from './list-rules.ts';
import { describeListeners } from './listener-rules.ts';
import { describeLogs } from './log-rules.ts';
import { describePages } from './page-rules.ts';
import type { StoreOpener } from './store-under-test.ts';
import { describeTransactions } from './transaction-rules.ts';

/**
 * The contract that every store passes, whatever it keeps its things in. `open` opens an empty one, which shares
 * nothing with those that were opened before.
 */
export function describeStore(name: string, open: StoreOpener): void {
  describe(name, () => {
    describe('a transaction', () => describeTransactions(open));
    describe('a handle', () => describeHandles(open));
    describe('entities', () => describeEntities(open));
    describe('lists', () => describeLists(open));
    describe('pages', () => describePages(open));
    describe('logs', () => describeLogs(open));
    describe('events', () => describeEvents(open));
    describe('listeners', () => describeListeners(open));
    describe('at the same time', () => describeConcurrency(open));
    describe('opened again', () => describeDurability(open));
  });
}
