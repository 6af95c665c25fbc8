import { parseFrozen } from '../../frozen-json.ts';

/** One line of a log: its JSON, when it was committed, and its value once somebody asked for it. */
export class LogLine {
  readonly text: string;
  /** Epoch milliseconds. */
  readonly committedAt: number;
  #value: unknown;

  constructor(text: string, at: number, value?: unknown) {
    this.text = text;
    this.committedAt = at;
    this.#value = value;
  }

  /** What the line says, frozen. */
  get value(): unknown {
    this.#value ??= parseFrozen(this.text);
    return this.#value;
  }
}
