import type { Kind } from '../../../src/application/store/collections.ts';
import type { EventRecord, Query, Reader, Transaction } from '../../../src/application/store/store.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { PageKey } from '../../../src/domain/values/page.ts';
import { sampleProject } from '../../support/samples.ts';
import { streams } from '../contract/everything.ts';
import { entities, logRepository, repository } from '../contract/opened-store.ts';
import { madeEntity, madeEntry, madeEvent, madeId, madeQuery } from './made-values.ts';
import type { Change, Question } from './steps.ts';

/** The event without its time, which differs from store to store. */
export function timeless({ timestamp: _, ...event }: EventRecord): object {
  return event;
}

/** What the view says to the question, as every store should. */
export async function ask(view: Reader, question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'get':
      return (await view[question.kind].get(madeId(question.kind, question.id))) ?? 'nothing';
    case 'entries': {
      const id = madeId(question.log, question.id);
      const entries = await view[question.log].read(id, question.after, question.limit);
      return { count: await view[question.log].count(id), entries };
    }
    case 'events': {
      const name = streams[question.stream] ?? 'workspace';
      return orRefused(async () =>
        (await view.events.read(name, question.after, question.limit)).map(timeless),
      );
    }
    case 'list':
      return list(view, question.kind, question);
  }
}

/** What the transaction says to the change, as every store should. */
export async function change(tx: Transaction, change: Change): Promise<unknown> {
  return orRefused(async () => {
    switch (change.do) {
      case 'insert':
        return repository(tx, change.kind).insert(madeEntity(change.kind, change.id, change.seed));
      case 'restore':
        return repository(tx, change.kind).restore(madeEntity(change.kind, change.id, change.seed));
      case 'update': {
        const present = await tx[change.kind].get(madeId(change.kind, change.id));
        const version = (present?.version ?? 1) - change.behind;
        const entity = { ...madeEntity(change.kind, change.id, change.seed), version };
        return repository(tx, change.kind).update(entity);
      }
      case 'delete':
        return tx[change.kind].delete(madeId(change.kind, change.id));
      case 'append': {
        const numbers: number[] = [];
        for (let i = 0; i < change.count; i++) {
          const entry = madeEntry(change.log, change.seed + i);
          numbers.push(
            await logRepository(tx, change.log).append(madeId(change.log, change.id), sampleProject, entry),
          );
        }
        return numbers;
      }
      case 'drop':
        return tx[change.log].drop(madeId(change.log, change.id), sampleProject);
      case 'emit': {
        const { name, data } = madeEvent(change.event);
        return tx.emit(name, data);
      }
      case 'ask':
        return ask(tx, change.question);
    }
  });
}

async function list<K extends Kind>(
  view: Reader,
  kind: K,
  question: Question & { ask: 'list' },
): Promise<unknown> {
  const { limit, descending, count, from } = question;
  const { where, sort, place } = madeQuery(kind, question);
  const pages: unknown[] = [];
  let after: PageKey | null | undefined = from === 'somewhere' ? place : undefined;
  do {
    // Made from the catalogue, which the types of queries are made from too.
    const query = { where, sort, descending, limit, count: true, after } as Query<K>;
    const counted = await entities(view, kind).list(query);
    const page = count ? counted : await entities(view, kind).list({ ...query, count: false });
    if (page.total !== undefined && page.total !== counted.total) {
      throw new Error(`It told a total of ${page.total} and counted ${counted.total}.`);
    }
    pages.push({ ...page, total: counted.total });
    if (pages.length > 20) throw new Error('The pages of a list of 8 do not come to an end.');
    after = page.next;
  } while (from === 'all' && after !== null);
  return pages;
}

async function orRefused(value: () => Promise<unknown>): Promise<unknown> {
  try {
    return await value();
  } catch (error) {
    if (error instanceof AppError) return `refused: ${error.code}`;
    throw error;
  }
}
