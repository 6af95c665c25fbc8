import { isUtf8 } from 'node:buffer';

/** No line that this program reads is longer: the content of the largest document, and what stands around it. */
const maxLineBytes = 16 * 1024 * 1024;

/** A line of some input that is not blank, with its number from 1. */
export interface InputLine {
  readonly number: number;
  /** Undefined for a line of more than 16 MiB, or not in UTF-8. */
  readonly text: string | undefined;
}

/** The lines of the input that are not blank, read no further than they are wanted. */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine> {
  const line = new LineBuffer();
  let number = 0;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      line.add(chunk.subarray(start, end));
      start = end + 1;
      number += 1;
      const text = line.take();
      if (text?.trim() !== '') yield { number, text };
    }
    line.add(chunk.subarray(start));
  }
  const text = line.take();
  if (text?.trim() !== '') yield { number: number + 1, text };
}

const newline = 0x0a;

class LineBuffer {
  #parts: Uint8Array[] = [];
  #length = 0;

  add(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length <= maxLineBytes) this.#parts.push(part);
    else this.#parts = [];
  }

  /** The line so far, undefined when it cannot be read; the next one begins. */
  take(): string | undefined {
    const bytes = Buffer.concat(this.#parts);
    const text = this.#length > maxLineBytes || !isUtf8(bytes) ? undefined : new TextDecoder().decode(bytes);
    this.#parts = [];
    this.#length = 0;
    return text;
  }
}
