import type { ApiAnswer } from '../../client/api-client.ts';
import { maxBacklogBatchSize } from '../../domain/transfer/backlog-item.ts';
import { convertIssue, type IssueConversion, issueSchema } from '../../domain/transfer/issue.ts';
import { idPattern } from '../../domain/values/id.ts';
import type { Project } from '../../domain/work/project.ts';
import { type CommandContext, CommandError } from '../command/command.ts';
import { ResponseError, type ServerClient } from '../server/server-client.ts';
import type { InputLine } from './input-lines.ts';

/** A batch is sent when its lines have so many characters together. */
const maxBatchLength = 2 * 1024 * 1024;

type Lines = () => AsyncIterable<InputLine>;
type Report = (line: number, text: string) => void;

/** Reads issues into the project of this name or id, and says what became of them; returns the exit code. */
export async function importBacklog(
  server: ServerClient,
  projectName: string,
  lines: Lines,
  { print, printDiagnostic }: Pick<CommandContext, 'print' | 'printDiagnostic'>,
): Promise<number> {
  const tally = { created: 0, updated: 0, unchanged: 0, reported: 0 };
  const report: Report = (line, text) => {
    tally.reported += 1;
    printDiagnostic(`line ${line}: ${text}\n`);
  };
  const outcomes: Outcome[] = [];
  let project: Project | undefined;
  for await (const batch of batchesOf(lines(), report)) {
    project ??= await findProject(server, projectName);
    const items = batch.map(({ issue }) => issue.item);
    const { results } = await server.request('POST /api/projects/:id/backlog', {
      params: { id: project.id },
      body: { items },
    });
    outcomes.push(...results.map(({ outcome }) => outcome));
  }
  if (project === undefined) {
    throw new CommandError(
      'Nothing was imported: no line is an issue, a JSON object with id, title and status.',
    );
  }

  let count = 0;
  for await (const batch of batchesOf(lines(), () => {})) {
    const links = batch.map(({ issue }) => issue.links);
    const { results } = await server.request('POST /api/projects/:id/backlog/links', {
      params: { id: project.id },
      body: { links },
    });
    for (const [i, { outcome, remarks }] of results.entries()) {
      const { number, issue } = batch[i] as NumberedIssue;
      for (const text of remarks) report(number, `${issue.item.externalId}: ${text}`);
      const before = outcomes[count++] ?? 'unchanged';
      tally[before === 'unchanged' ? outcome : before] += 1;
    }
  }
  const { created, updated, unchanged, reported } = tally;
  print(
    `Project ${project.name} (${project.id}): ${created} created, ${updated} updated, ${unchanged} unchanged, ${reported} reported.\n`,
  );
  return 0;
}

type Outcome = ApiAnswer<'POST /api/projects/:id/backlog', unknown>['results'][number]['outcome'];

interface NumberedIssue {
  readonly number: number;
  readonly issue: IssueConversion;
}

/** The issues of the lines, some at a time, each id once; every other line is reported. */
async function* batchesOf(
  lines: AsyncIterable<InputLine>,
  report: Report,
): AsyncGenerator<readonly NumberedIssue[]> {
  let batch = new Map<string, NumberedIssue>();
  let length = 0;
  for await (const { number, text } of lines) {
    const issue = parseIssue(text);
    if (typeof issue === 'string') {
      report(number, `${issue}; it is not imported`);
      continue;
    }
    const { externalId } = issue.item;
    for (const remark of issue.remarks) report(number, `${externalId}: ${remark}`);
    const earlier = batch.get(externalId);
    if (earlier !== undefined)
      report(earlier.number, `${externalId}: comes again in line ${number}, which counts`);
    batch.set(externalId, { number, issue });
    length += text?.length ?? 0;
    if (batch.size < maxBacklogBatchSize && length < maxBatchLength) continue;
    yield [...batch.values()];
    batch = new Map();
    length = 0;
  }
  if (batch.size > 0) yield [...batch.values()];
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

/** The project of this name or id, a new one when there is none. Throws CommandError when several have the name. */
async function findProject(server: ServerClient, name: string): Promise<Project> {
  const found = await server.request('GET /api/projects', { query: { name, limit: 2 } });
  if (found.length > 1)
    throw new CommandError(`Several projects are called ${name}; name the one by its id.`);
  const [named] = found;
  return (
    named ?? (await findProjectById(server, name)) ?? server.request('POST /api/projects', { body: { name } })
  );
}

async function findProjectById(server: ServerClient, id: string): Promise<Project | undefined> {
  if (!idPattern.test(id)) return undefined;
  try {
    return await server.request('GET /api/projects/:id', { params: { id } });
  } catch (error) {
    if (error instanceof ResponseError && error.status === 404) return undefined;
    throw error;
  }
}
