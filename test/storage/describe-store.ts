import { describe } from 'vitest';
import { describeConcurrency } from './contract/concurrency-rules.ts';
import { describeDurability } from './contract/durability-rules.ts';
import { describeEntities } from './contract/entity-rules.ts';
import { describeEvents } from './contract/event-rules.ts';
import { describeHandles } from './contract/handle-rules.ts';
import { describeLists } from './contract/list-rules.ts';
import { describeListeners } from './contract/listener-rules.ts';
import { describeLogs } from './contract/log-rules.ts';
import type { StoreOpener } from './contract/opened-store.ts';
import { describePages } from './contract/page-rules.ts';
import { describeTransactions } from './contract/transaction-rules.ts';

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
