import { LineError } from '../../application/transfer/line-object.ts';
import { parseWorkspaceLine } from '../../application/transfer/workspace-lines.ts';
import { type CommandContext, CommandError } from '../command/command.ts';
import { Progress } from '../command/progress.ts';
import type { ServerClient } from '../server/server-client.ts';
import type { InputLine } from './input-lines.ts';

const maxChunkLines = 1000;
const maxChunkLength = 2 * 1024 * 1024;

type Lines = () => AsyncIterable<InputLine>;

/** Reads an export into an empty store, once all of it is known to be whole; returns the exit code. */
export async function importWorkspace(
  server: ServerClient,
  lines: Lines,
  context: Pick<CommandContext, 'print' | 'printDiagnostic' | 'showProgress'>,
): Promise<number> {
  const { told, count } = await validateExport(lines(), context.printDiagnostic);
  const progress = new Progress(context);
  progress.start('Importing', count, 'lines');
  let taken = 0;
  for await (const chunk of chunksOf(lines())) {
    try {
      const answer = await server.request('POST /api/import', { body: { lines: chunk } });
      taken += answer.taken;
      progress.advance(answer.taken);
    } catch (error) {
      progress.end();
      if (taken === 0 || !(error instanceof CommandError)) throw error;
      throw new CommandError(
        `${error.message} The ${taken} lines before, of ${count}, are stored by now: start with another DATA_DIR and import again.`,
        error,
      );
    }
  }
  progress.end();
  const counts = [...told].map(([name, count]) => `${name}: ${count}`);
  context.print(`Imported ${taken} lines${counts.length === 0 ? '' : ` (${counts.join(', ')})`}.\n`);
  return 0;
}

/** How many lines of each sort there are. Throws CommandError unless every line is one of an export, to its end. */
async function validateExport(
  lines: AsyncIterable<InputLine>,
  remark: CommandContext['printDiagnostic'],
): Promise<{ readonly told: ReadonlyMap<string, number>; readonly count: number }> {
  const told = new Map<string, number>();
  let count = 0;
  let faults = 0;
  let end: number | undefined;
  for await (const { number, text } of lines) {
    count += 1;
    try {
      if (end !== undefined) throw new LineError('it is behind the end');
      const line = parseWorkspaceLine(text ?? '');
      if ('end' in line) end = line.lines;
      const name = 'kind' in line ? line.kind : 'log' in line ? line.log : undefined;
      if (name !== undefined) told.set(name, (told.get(name) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      faults += 1;
      remark(`line ${number}: ${error.message}\n`);
    }
  }
  if (faults > 0)
    throw new CommandError(`Nothing was imported: ${faults} of ${count} lines are none of an export.`);
  if (end === undefined)
    throw new CommandError('Nothing was imported: the file ends before the export does.');
  if (end !== count) {
    throw new CommandError(`Nothing was imported: of ${end} lines of the export the file holds ${count}.`);
  }
  return { told, count };
}

async function* chunksOf(lines: AsyncIterable<InputLine>): AsyncGenerator<readonly string[]> {
  let chunk: string[] = [];
  let length = 0;
  for await (const { text = '' } of lines) {
    chunk.push(text);
    length += text.length;
    if (chunk.length < maxChunkLines && length < maxChunkLength) continue;
    yield chunk;
    chunk = [];
    length = 0;
  }
  if (chunk.length > 0) yield chunk;
}
