import { streamOfProject } from '../../domain/channel.ts';
import { AppError, validationError } from '../../domain/errors.ts';
import type { ActorStoreFactory, ActorTransaction } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { projectOf } from '../access/visibility.ts';
import { type Collection, collections, type EntityOf, type Kind } from '../store/collections.ts';
import { exportedKinds, LineError, parseWorkspaceLine, type WorkspaceLine } from './workspace-lines.ts';

/** Reads an export back in, some lines at a time and in their order. */
export class WorkspaceImport {
  readonly #open: ActorStoreFactory;

  constructor(open: ActorStoreFactory) {
    this.#open = open;
  }

  /**
   * Takes some lines of an export, all or none, and answers how many. The header needs an empty store; the end tells the
   * workspace. Throws VALIDATION_ERROR that names the line, CONFLICT, ALREADY_EXISTS.
   */
  importLines(call: Call, texts: readonly string[]): Promise<{ readonly taken: number }> {
    const lines = texts.map(parseLine);
    return this.#open(call).transaction(async (tx) => {
      for (const stream of [...new Set(lines.map(streamOfLine))].sort()) await tx.lock(stream);
      for (const line of lines) await importLine(tx, line);
      return { taken: lines.length };
    });
  }
}

function parseLine(text: string, index: number): WorkspaceLine {
  try {
    return parseWorkspaceLine(text);
  } catch (error) {
    if (error instanceof LineError) throw validationError(`lines.${index}`, error.message);
    throw error;
  }
}

function streamOfLine(line: WorkspaceLine) {
  if ('log' in line) return streamOfProject(line.projectId);
  if (!('kind' in line)) return 'workspace';
  // No kind of an export is nobody's.
  return streamOfProject(projectOf(line.kind, line.entity) ?? null);
}

async function importLine(tx: ActorTransaction, line: WorkspaceLine): Promise<void> {
  if ('kind' in line) await restore(tx, line.kind, line.entity);
  else if ('log' in line) await append(tx, line);
  else if ('end' in line) tx.emit('workspace:restored', { lines: line.lines });
  else await assertEmpty(tx);
}

async function restore<K extends Kind>(tx: ActorTransaction, kind: K, entity: EntityOf<K>): Promise<void> {
  // The compiler cannot tie the repository of `kind` to the entities of `kind` inside a generic function.
  await (tx[kind] as unknown as { restore(entity: EntityOf<K>): Promise<unknown> }).restore(entity);
}

async function append(tx: ActorTransaction, line: Extract<WorkspaceLine, { readonly log: unknown }>) {
  const { log, of: id, projectId, n, entry } = line;
  // The line was read as one of its log, so the entry is one of it.
  const logs = tx[log] as ActorTransaction['activity'];
  const number = await logs.append({ id, projectId }, entry as never);
  if (number !== n) {
    throw new AppError('CONFLICT', `Entry ${n} of the ${log} of ${id} would become entry ${number}.`, {
      log,
      id,
      n,
    });
  }
}

/** Takes away what the server made by itself, as the export has its own; returns whether nothing else is there. */
async function clearSeeds<K extends Kind>(tx: ActorTransaction, kind: K): Promise<boolean> {
  // The compiler cannot tie what is said of `kind` to the entities of `kind` inside a generic function.
  const { isSeed = () => false, id } = collections[kind] as unknown as Collection<never, never, never>;
  const { items } = await tx[kind].list({ limit: 100 });
  if (!items.every((entity) => isSeed(entity as never))) return false;
  for (const entity of items) await tx[kind].delete(id(entity as never));
  return true;
}

async function assertEmpty(tx: ActorTransaction): Promise<void> {
  for (const kind of exportedKinds) {
    if (await clearSeeds(tx, kind)) continue;
    throw new AppError(
      'CONFLICT',
      `An export is imported into an empty store only, and this one has ${collections[kind].noun}s; start with another DATA_DIR.`,
      { kind },
    );
  }
}
