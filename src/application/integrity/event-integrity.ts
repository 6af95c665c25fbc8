import { type Stream, streamOfProject } from '../../domain/channel.ts';
import { events } from '../../domain/events.ts';
import { isDeepEqual } from '../../domain/values/immutable.ts';
import { collections } from '../store/collections.ts';
import { eachEntity } from '../store/paginate.ts';
import { findRetentionStart } from '../store/retention-start.ts';
import { findSchemaIssue } from '../store/schema-issue.ts';
import type { Reader } from '../store/store.ts';
import { type ReplayedEntity, replayEvent } from './replay-events.ts';

const batchSize = 500;

/** Everything in which the kept events of the streams are no sequence of events, or do not end in what is stored. */
export async function* checkEventIntegrity(reader: Reader): AsyncGenerator<string> {
  yield* checkStream(reader, streamOfProject(null));
  for await (const { id } of eachEntity(reader.projects, {})) yield* checkStream(reader, streamOfProject(id));
}

async function* checkStream(reader: Reader, stream: Stream): AsyncGenerator<string> {
  const { seq: head } = await reader.events.head(stream);
  const replayed = new Map<string, ReplayedEntity>();
  for (let after = await findRetentionStart(reader.events, stream, head); after < head; ) {
    const records = await reader.events.read(stream, after, batchSize);
    for (const record of records) {
      after += 1;
      const where = `Event ${after} of ${stream}`;
      if (record.seq !== after) yield `${where} has the number ${record.seq}.`;
      if (!(record.name in events)) {
        yield `${where} has the name ${record.name}, which no event has.`;
        continue;
      }
      const issue = findSchemaIssue(events[record.name].data, record.data);
      if (issue === undefined) replayEvent(replayed, record);
      else yield `${where}: ${issue}.`;
    }
    if (records.length === 0) {
      yield `The events of ${stream} end at ${after} and not at ${head}.`;
      break;
    }
  }
  for (const one of replayed.values()) yield* compareWithStored(reader, stream, one);
}

async function* compareWithStored(
  reader: Reader,
  stream: Stream,
  { kind, id, entity }: ReplayedEntity,
): AsyncGenerator<string> {
  const stored = await reader[kind].get(id);
  const what = `the ${collections[kind].noun} ${id}`;
  if (entity === undefined) {
    if (stored !== undefined) yield `By the events of ${stream} ${what} was deleted, and it is there.`;
  } else if (stored === undefined) yield `By the events of ${stream} there is ${what}, and it is not there.`;
  else if (!isDeepEqual(stored, entity)) yield `The last event about ${what} shows it otherwise than it is.`;
}
