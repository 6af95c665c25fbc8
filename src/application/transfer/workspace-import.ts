import { streamOfProject } from '../../domain/channel.ts';
import { AppError, validationError } from '../../domain/errors.ts';
import type { ActorRepositories, ActorStoreFactory, ActorTransaction } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { collectionOf, projectOf } from '../store/collection-of.ts';
import type { EntityOf, Kind } from '../store/collections.ts';
import { LineError } from './line-object.ts';
import { exportedKinds, parseWorkspaceLine, type WorkspaceLine } from './workspace-lines.ts';

/** Reads an export back in, some lines at a time and in their order. */
export class WorkspaceImport {
  readonly #open: ActorStoreFactory;

  constructor(open: ActorStoreFactory) {
    this.#open = open;
  }

  /**
   * Imports some lines of an export, all or none, and returns how many. The header needs an empty store; the end tells the
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
  // Every kind of an export belongs to a project or to the workspace.
  return streamOfProject(projectOf(line.kind, line.entity) ?? null);
}

async function importLine(tx: ActorTransaction, line: WorkspaceLine): Promise<void> {
  if ('kind' in line) await restore(tx, line.kind, line.entity);
  else if ('log' in line) await append(tx, line);
  else if ('end' in line) tx.emit('workspace:restored', { lines: line.lines });
  else await assertEmpty(tx);
}

async function restore<K extends Kind>(tx: ActorTransaction, kind: K, entity: EntityOf<K>): Promise<void> {
  const repositories: ActorRepositories = tx;
  await repositories[kind].restore(entity);
}

async function append(tx: ActorTransaction, line: Extract<WorkspaceLine, { readonly log: unknown }>) {
  const { log, of: id, projectId, n, entry } = line;
  // The line was read as one of its log, so the entry is of that log.
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

/** Deletes what the server created by itself, since the export has its own; returns false when anything else is stored. */
async function clearSeeds<K extends Kind>(tx: ActorTransaction, kind: K): Promise<boolean> {
  const { isSeed = () => false, id } = collectionOf(kind);
  const repositories: ActorRepositories = tx;
  const { items } = await repositories[kind].list({ limit: 100 });
  if (!items.every(isSeed)) return false;
  for (const entity of items) await repositories[kind].delete(id(entity));
  return true;
}

async function assertEmpty(tx: ActorTransaction): Promise<void> {
  for (const kind of exportedKinds) {
    if (await clearSeeds(tx, kind)) continue;
    throw new AppError(
      'CONFLICT',
      `An export is imported into an empty store only, and this one has ${collectionOf(kind).noun}s; start with another DATA_DIR.`,
      { kind },
    );
  }
}
