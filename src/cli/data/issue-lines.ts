import { maxBacklogBatchSize } from '../../domain/transfer/backlog-item.ts';
import {
  addIssueLinks,
  convertIssue,
  type IssueConversion,
  type IssueLink,
  issueSchema,
} from '../../domain/transfer/issue.ts';
import type { InputLine } from './input-lines.ts';

/** A batch is sent when its lines have so many characters together. */
const maxBatchLength = 2 * 1024 * 1024;

/** What is said about a line of the file. */
export type ReportLine = (line: number, text: string) => void;
/** The lines of the file, from the first each time. */
export type Lines = () => AsyncIterable<InputLine>;

/** An issue, and the line that it stands in. */
export interface NumberedIssue {
  readonly number: number;
  readonly issue: IssueConversion;
}

/** The issues of a file, each id once: in the last line that has it. */
export class IssueLines {
  readonly #lines: Lines;
  /** The line of each issue. */
  readonly #lineOf = new Map<string, number>();
  /** Links that stand in other issues than the one they belong to. */
  readonly #linksFromOthers = new Map<string, IssueLink[]>();

  private constructor(lines: Lines) {
    this.#lines = lines;
  }

  /** Reads the file once, and reports everything in it that is not imported. */
  static async read(lines: Lines, report: ReportLine): Promise<IssueLines> {
    const found = new IssueLines(lines);
    const fromOthers: { readonly number: number; readonly id: string; readonly link: IssueLink }[] = [];
    for await (const { number, text } of lines()) {
      const issue = parseIssue(text);
      if (typeof issue === 'string') {
        report(number, `${issue}; it is not imported`);
        continue;
      }
      const { externalId: id } = issue.item;
      for (const remark of issue.remarks) report(number, `${id}: ${remark}`);
      const earlier = found.#lineOf.get(id);
      if (earlier !== undefined) report(earlier, `${id}: comes again in line ${number}, which counts`);
      found.#lineOf.set(id, number);
      for (const link of issue.linksOfOthers) fromOthers.push({ number, id, link });
    }
    for (const { number, id, link } of fromOthers) {
      if (found.#lineOf.get(id) === number) found.#addLinkOfOther(number, id, link, report);
    }
    return found;
  }

  /** How many issues there are. */
  get count(): number {
    return this.#lineOf.size;
  }

  /** The issues in the order of their lines, some at a time. */
  async *batches(): AsyncGenerator<readonly NumberedIssue[]> {
    let batch: NumberedIssue[] = [];
    let length = 0;
    for await (const { number, text } of this.#lines()) {
      const issue = parseIssue(text);
      if (typeof issue === 'string' || this.#lineOf.get(issue.item.externalId) !== number) continue;
      const more = this.#linksFromOthers.get(issue.item.externalId) ?? [];
      batch.push({ number, issue: { ...issue, links: addIssueLinks(issue.links, more) } });
      length += text?.length ?? 0;
      if (batch.length < maxBacklogBatchSize && length < maxBatchLength) continue;
      yield batch;
      batch = [];
      length = 0;
    }
    if (batch.length > 0) yield batch;
  }

  #addLinkOfOther(number: number, id: string, link: IssueLink, report: ReportLine): void {
    const owner = link.issue_id ?? id;
    if (this.#lineOf.has(owner)) {
      const links = this.#linksFromOthers.get(owner);
      if (links === undefined) this.#linksFromOthers.set(owner, [link]);
      else links.push(link);
    } else report(number, `${id}: has a link of ${owner}, which is not in the file; it is left out`);
  }
}

/** Only an escape can spell half a surrogate pair in UTF-8. */
const surrogateEscape = /\\ud/i;

function rejectLoneSurrogate(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && !value.isWellFormed()) throw new SyntaxError('Half a surrogate pair.');
  return value;
}

/** The issue that the line spells, or what is wrong with it. */
function parseIssue(text: string | undefined): IssueConversion | string {
  if (text === undefined) return 'longer than 16 MiB, or not in UTF-8';
  let value: unknown;
  try {
    value = JSON.parse(text, surrogateEscape.test(text) ? rejectLoneSurrogate : undefined);
  } catch {
    return 'not valid JSON, or an incomplete line';
  }
  const result = issueSchema.safeParse(value, {
    error: ({ input }) => (input === undefined ? 'is missing' : undefined),
  });
  if (result.success) return convertIssue(result.data);
  const [issue] = result.error.issues;
  return issue?.path.length
    ? `no issue; ${issue.path.join('.')}: ${issue.message}`
    : 'no issue, but other JSON';
}
