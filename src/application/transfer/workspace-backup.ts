import { type Stream, streamOfProject } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import type { ActorReader, ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { eachEntity } from '../store/paginate.ts';
import { findRetentionStart } from '../store/retention-start.ts';
import { type BackupLine, backupHeader, backupKinds } from './backup-lines.ts';
import { linesOfView } from './lines-of-view.ts';
import { entityLinesAfter } from './workspace-export.ts';

const batchSize = 200;

/** Writes everything down that is stored and lasts, with all events that are kept. */
export class WorkspaceBackup {
  readonly #open: ActorStoreFactory;

  constructor(open: ActorStoreFactory) {
    this.#open = open;
  }

  /**
   * The lines of a backup, some at a time, no faster than they are taken: one view of everything, whatever is committed
   * meanwhile. Throws FORBIDDEN unless the caller sees all projects, and CONFLICT in the middle when the view was lost.
   */
  lines(call: Call): AsyncIterable<string> {
    if (call.actor.projects !== '*') {
      throw new AppError('FORBIDDEN', 'A backup holds all projects, and this token is for some of them.');
    }
    return linesOfView(this.#open(call), linesOf);
  }
}

async function* linesOf(reader: ActorReader): AsyncGenerator<BackupLine> {
  yield backupHeader;
  yield* eventsOf(reader, streamOfProject(null));
  for await (const { id } of eachEntity(reader.projects, {})) yield* eventsOf(reader, streamOfProject(id));
  for (const kind of backupKinds) {
    // An entity or an entry of a log, as kinds have them.
    for await (const { line } of entityLinesAfter(reader, kind, { kind })) yield line as BackupLine;
  }
}

async function* eventsOf(reader: ActorReader, stream: Stream): AsyncGenerator<BackupLine> {
  const { seq: head } = await reader.events.head(stream);
  const first = await findRetentionStart(reader.events, stream, head);
  yield { stream, head, after: first };
  for (let after = first; after < head; ) {
    const { events, through } = await reader.events.read(stream, after, batchSize);
    yield* events;
    after = through;
  }
}
