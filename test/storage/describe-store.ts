import { describe } from 'vitest';
import { describeEntities } from './contract/entity-rules.ts';
import { describeHandles } from './contract/handle-rules.ts';
import type { OpenStore } from './contract/opened-store.ts';
import { describeTransactions } from './contract/transaction-rules.ts';

/**
 * The contract that every store passes, whatever it keeps its things in. `open` opens an empty one, without sharing
 * anything with one that was opened before.
 */
export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    describe('a transaction', () => describeTransactions(open));
    describe('a handle', () => describeHandles(open));
    describe('entities', () => describeEntities(open));
  });
}
