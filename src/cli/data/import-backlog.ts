import type { ApiAnswer } from '../../client/api-client.ts';
import { idPattern } from '../../domain/values/id.ts';
import type { Project } from '../../domain/work/project.ts';
import { type CommandContext, CommandError } from '../command/command.ts';
import { Progress } from '../command/progress.ts';
import { ResponseError, type ServerClient } from '../server/server-client.ts';
import { IssueLines, type Lines, type NumberedIssue, type ReportLine } from './issue-lines.ts';

/** Reads issues into the project of this name or id, and says what became of them; returns the exit code. */
export async function importBacklog(
  server: ServerClient,
  projectName: string,
  lines: Lines,
  context: Pick<CommandContext, 'print' | 'printDiagnostic' | 'showProgress'>,
): Promise<number> {
  let reported = 0;
  const report: ReportLine = (line, text) => {
    reported += 1;
    context.printDiagnostic(`line ${line}: ${text}\n`);
  };
  const issues = await IssueLines.read(lines, report);
  if (issues.count === 0) {
    throw new CommandError(
      'Nothing was imported: no line is an issue, a JSON object with id, title and status.',
    );
  }
  const project = await findProject(server, projectName);
  const progress = new Progress(context);
  const reached = { items: 0, links: 0 };
  const outcomes: Outcome[] = [];
  try {
    progress.start('Importing', issues.count, 'issues');
    for await (const batch of issues.batches()) {
      const items = batch.map(({ issue }) => issue.item);
      const { results } = await server.request('POST /api/projects/:id/backlog', {
        params: { id: project.id },
        body: { items },
      });
      outcomes.push(...results.map(({ outcome }) => outcome));
      reached.items += batch.length;
      progress.advance(batch.length);
    }
    progress.start('Linking', issues.count, 'issues');
    for await (const batch of issues.batches()) {
      const links = batch.map(({ issue }) => issue.links);
      const { results } = await server.request('POST /api/projects/:id/backlog/links', {
        params: { id: project.id },
        body: { links },
      });
      for (const [i, { outcome, remarks }] of results.entries()) {
        const { number, issue } = batch[i] as NumberedIssue;
        for (const text of remarks) report(number, `${issue.item.externalId}: ${text}`);
        if (outcomes[reached.links + i] === 'unchanged') outcomes[reached.links + i] = outcome;
      }
      reached.links += batch.length;
      progress.advance(batch.length);
    }
  } catch (error) {
    throw error instanceof CommandError ? stoppedError(error, project, issues.count, reached) : error;
  } finally {
    progress.end();
  }
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;
  context.print(
    `Project ${project.name} (${project.id}): ${count('created')} created, ${count('updated')} updated, ${count('unchanged')} unchanged, ${reported} reported.\n`,
  );
  return 0;
}

/** Says how far the import came, and how to go on. */
function stoppedError(
  error: CommandError,
  { name, id }: Project,
  count: number,
  reached: { readonly items: number; readonly links: number },
): CommandError {
  return new CommandError(
    `${error.message} Until then ${reached.items} of ${count} issues were imported into project ${name} (${id}), and the links of ${reached.links}. To go on, import the file again: what is there already stays as it is.`,
    error,
  );
}

type Outcome = ApiAnswer<'POST /api/projects/:id/backlog', unknown>['results'][number]['outcome'];

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
