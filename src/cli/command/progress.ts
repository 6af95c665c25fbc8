import type { CommandContext } from './command.ts';

/** A rate over less time says little. */
const minRateMs = 1000;
const minIntervalMs = 200;

/** Shows how far long work is, on a terminal only: how much of all is done, at which rate, and how long the rest takes. */
export class Progress {
  readonly #show: CommandContext['showProgress'];
  readonly #now: () => number;
  #verb = '';
  #unit = '';
  #total = 0;
  #done = 0;
  #startedAt = 0;
  #shownAt = Number.NEGATIVE_INFINITY;

  /** `now` returns milliseconds of a clock that never goes back. */
  constructor(
    { showProgress }: Pick<CommandContext, 'showProgress'>,
    now: () => number = () => performance.now(),
  ) {
    this.#show = showProgress;
    this.#now = now;
  }

  /** Begins a phase, such as "Importing" of 12,000 "issues". */
  start(verb: string, total: number, unit: string): void {
    [this.#verb, this.#total, this.#unit, this.#done] = [verb, total, unit, 0];
    this.#startedAt = this.#now();
    this.#shownAt = Number.NEGATIVE_INFINITY;
    this.advance(0);
  }

  /** So much more of the phase is done. */
  advance(count: number): void {
    this.#done += count;
    const now = this.#now();
    if (this.#show === undefined || now - this.#shownAt < minIntervalMs) return;
    this.#shownAt = now;
    this.#show(this.#describe(now - this.#startedAt));
  }

  /** Takes the line away. */
  end(): void {
    this.#show?.('');
  }

  /** The items, each counted with its size as it passes. */
  async *follow<T>(items: AsyncIterable<T>, sizeOf: (item: T) => number): AsyncGenerator<T> {
    for await (const item of items) {
      yield item;
      this.advance(sizeOf(item));
    }
  }

  #describe(elapsedMs: number): string {
    const share = this.#total === 0 ? 100 : Math.floor((100 * this.#done) / this.#total);
    const text = `${this.#verb}: ${format(this.#done)} of ${format(this.#total)} ${this.#unit} (${share} %)`;
    if (elapsedMs < minRateMs || this.#done === 0) return text;
    const perSecond = (this.#done * 1000) / elapsedMs;
    const left = Math.ceil((this.#total - this.#done) / perSecond);
    return `${text}, ${format(Math.round(perSecond))} a second, ${formatSeconds(left)} left`;
  }
}

const format = (count: number) => count.toLocaleString('en-US');

function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
