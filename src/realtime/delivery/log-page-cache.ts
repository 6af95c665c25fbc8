import type { Store } from '../../application/store/store.ts';
import type { Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import type { Position } from '../../domain/position.ts';
import { EncodedEvent } from './encoded-event.ts';

interface LogPage {
  /** The page holds the events after this one. */
  readonly start: number;
  events: readonly EncodedEvent[];
  /** The read of more events in progress. */
  reading: Promise<void> | undefined;
  isUsed: boolean;
}

const maxPages = 32;

/** Pages of logs, read once for all connections that replay them at about the same time. */
export class LogPageCache {
  readonly #store: Pick<Store, 'read'>;
  readonly #size: number;
  readonly #pages = new Map<string, LogPage>();

  /** `size` is how many events a page holds. */
  constructor(store: Pick<Store, 'read'>, size: number) {
    this.#store = store;
    this.#size = size;
  }

  /** Some events after `after`, none only when the log ends there. Throws POSITION_LOST when they are no longer kept. */
  async readAfter(stream: Stream, after: number): Promise<readonly EncodedEvent[]> {
    const aligned = after - (after % this.#size);
    try {
      return await this.#readFrom(stream, aligned, after);
    } catch (error) {
      // Retention may remove the first part of a page: the rest is still there.
      if (aligned === after || !(error instanceof AppError && error.code === 'POSITION_LOST')) throw error;
      return await this.#readFrom(stream, after, after);
    }
  }

  /** The head of the stream. */
  head(stream: Stream): Promise<Position> {
    return this.#store.read(({ events }) => events.head(stream));
  }

  /** Drops the pages that were not used since the last sweep. */
  sweep(): void {
    for (const [key, page] of this.#pages) {
      if (page.isUsed || page.reading !== undefined) page.isUsed = false;
      else this.#pages.delete(key);
    }
  }

  async #readFrom(stream: Stream, start: number, after: number): Promise<readonly EncodedEvent[]> {
    const page = this.#page(`${stream} ${start}`, start);
    while (page.reading !== undefined && this.#end(page) <= after) await page.reading;
    if (this.#end(page) <= after) {
      page.reading = this.#extend(stream, page).finally(() => {
        page.reading = undefined;
      });
      await page.reading;
    }
    return page.events.slice(after - page.start);
  }

  #page(key: string, start: number): LogPage {
    const page = this.#pages.get(key) ?? { start, events: [], reading: undefined, isUsed: true };
    page.isUsed = true;
    this.#pages.delete(key);
    this.#pages.set(key, page);
    const oldest = this.#pages.keys().next();
    if (this.#pages.size > maxPages && oldest.value !== undefined) this.#pages.delete(oldest.value);
    return page;
  }

  async #extend(stream: Stream, page: LogPage): Promise<void> {
    const end = this.#end(page);
    const read = await this.#store.read(async ({ events }) => {
      const { epoch } = await events.head(stream);
      return { epoch, records: await events.read(stream, end, this.#size - page.events.length) };
    });
    page.events = [...page.events, ...read.records.map((record) => new EncodedEvent(record, read.epoch))];
  }

  #end(page: LogPage): number {
    return page.start + page.events.length;
  }
}
