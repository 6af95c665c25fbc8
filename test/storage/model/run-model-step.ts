import type { Kind } from '../../../src/application/store/collections.ts';
import type { EventRecord, Query, Reader, Transaction } from '../../../src/application/store/store.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { PageKey } from '../../../src/domain/values/page.ts';
import { sampleProjectId } from '../../support/samples/samples.ts';
import { sampleStreams } from '../contract/read-everything.ts';
import { entityReaderOf, logRepositoryOf, repositoryOf } from '../contract/store-under-test.ts';
import {
  generateEntity,
  generateEntry,
  generateEvent,
  generateId,
  generateQuery,
} from './generated-values.ts';
import type { Change, Question } from './model-steps.ts';

/** The event without its time, which differs from store to store. */
export function withoutTimestamp({ timestamp: _, ...event }: EventRecord): object {
  return event;
}

/** What the view says to the question, as every store should. */
export async function answerQuestion(view: Reader, question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'get':
      return (await view[question.kind].get(generateId(question.kind, question.id))) ?? 'nothing';
    case 'entries': {
      const id = generateId(question.log, question.id);
      const entries = await view[question.log].read(id, question.after, question.limit);
      return { count: await view[question.log].count(id), entries };
    }
    case 'events': {
      const name = sampleStreams[question.stream] ?? 'workspace';
      return valueOrErrorCode(async () =>
        (await view.events.read(name, question.after, question.limit)).map(withoutTimestamp),
      );
    }
    case 'list':
      return list(view, question.kind, question);
  }
}

/** What the transaction says to the change, as every store should. */
export async function applyChange(tx: Transaction, change: Change): Promise<unknown> {
  return valueOrErrorCode(async () => {
    switch (change.do) {
      case 'insert':
        return repositoryOf(tx, change.kind).insert(generateEntity(change.kind, change.id, change.seed));
      case 'restore':
        return repositoryOf(tx, change.kind).restore(generateEntity(change.kind, change.id, change.seed));
      case 'update': {
        const present = await tx[change.kind].get(generateId(change.kind, change.id));
        const version = (present?.version ?? 1) - change.behind;
        const entity = { ...generateEntity(change.kind, change.id, change.seed), version };
        return repositoryOf(tx, change.kind).update(entity);
      }
      case 'delete':
        return tx[change.kind].delete(generateId(change.kind, change.id));
      case 'append': {
        const numbers: number[] = [];
        for (let i = 0; i < change.count; i++) {
          const entry = generateEntry(change.log, change.seed + i);
          numbers.push(
            await logRepositoryOf(tx, change.log).append(
              generateId(change.log, change.id),
              sampleProjectId,
              entry,
            ),
          );
        }
        return numbers;
      }
      case 'drop':
        return tx[change.log].drop(generateId(change.log, change.id), sampleProjectId);
      case 'emit': {
        const { name, data } = generateEvent(change.event);
        return tx.emit(name, data);
      }
      case 'ask':
        return answerQuestion(tx, change.question);
    }
  });
}

async function list<K extends Kind>(
  view: Reader,
  kind: K,
  question: Question & { ask: 'list' },
): Promise<unknown> {
  const { limit, descending, count, from } = question;
  const { where, sort, place } = generateQuery(kind, question);
  const pages: unknown[] = [];
  let after: PageKey | null | undefined = from === 'somewhere' ? place : undefined;
  do {
    // Made from the catalogue, which the types of queries are made from too.
    const query = { where, sort, descending, limit, count: true, after } as Query<K>;
    const counted = await entityReaderOf(view, kind).list(query);
    const page = count ? counted : await entityReaderOf(view, kind).list({ ...query, count: false });
    if (page.total !== undefined && page.total !== counted.total) {
      throw new Error(`It told a total of ${page.total} and counted ${counted.total}.`);
    }
    pages.push({ ...page, total: counted.total });
    if (pages.length > 20) throw new Error('The pages of a list of 8 do not come to an end.');
    after = page.next;
  } while (from === 'all' && after !== null);
  return pages;
}

async function valueOrErrorCode(value: () => Promise<unknown>): Promise<unknown> {
  try {
    return await value();
  } catch (error) {
    if (error instanceof AppError) return `refused: ${error.code}`;
    throw error;
  }
}
