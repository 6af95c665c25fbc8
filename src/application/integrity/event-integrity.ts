import { type Stream, streamOfProject } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { events } from '../../domain/events.ts';
import { isDeepEqual } from '../../domain/values/immutable.ts';
import { collections, type Kind } from '../store/collections.ts';
import { eachEntity } from '../store/paginate.ts';
import type { EntityReader, Reader } from '../store/store.ts';
import { type ReplayedEntity, replayEvent } from './replay-events.ts';

const batchSize = 500;

/** Everything in which the kept events of the streams are no sequence of events, or do not end in what is stored. */
export async function* checkEventIntegrity(reader: Reader): AsyncGenerator<string> {
  yield* checkStream(reader, streamOfProject(null));
  for await (const { id } of eachEntity(reader.projects, {})) yield* checkStream(reader, streamOfProject(id));
}

async function* checkStream(reader: Reader, stream: Stream): AsyncGenerator<string> {
  const { seq: head } = await reader.events.head(stream);
  const told = new Map<string, ReplayedEntity>();
  for (let after = await findRetentionStart(reader.events, stream, head); after < head; ) {
    const records = await reader.events.read(stream, after, batchSize);
    for (const record of records) {
      after += 1;
      const place = `Event ${after} of ${stream}`;
      if (record.seq !== after) yield `${place} has the number ${record.seq}.`;
      const issue = events[record.name]?.data.safeParse(record.data).error?.issues[0];
      if (!(record.name in events)) yield `${place} has the name ${record.name}, which no event has.`;
      else if (issue !== undefined) yield `${place}: ${issue.path.join('.') || 'it'}: ${issue.message}.`;
      else replayEvent(told, record);
    }
    if (records.length === 0) {
      yield `The events of ${stream} end at ${after} and not at ${head}.`;
      break;
    }
  }
  for (const one of told.values()) yield* compareWithStored(reader, stream, one);
}

/** A reader of events, whatever it makes of them. */
interface EventRangeReader {
  read(stream: Stream, after: number, limit: number): Promise<unknown>;
}

/** The number behind which all events of a stream are kept up to `head`: the smallest that is not lost. */
export async function findRetentionStart(
  reader: EventRangeReader,
  stream: Stream,
  head: number,
): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isRetained(reader, stream, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function isRetained(reader: EventRangeReader, stream: Stream, after: number): Promise<boolean> {
  try {
    await reader.read(stream, after, 1);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'POSITION_LOST') return false;
    throw error;
  }
}

async function* compareWithStored(
  reader: Reader,
  stream: Stream,
  { kind, id, entity }: ReplayedEntity,
): AsyncGenerator<string> {
  const readers: { readonly [Each in Kind]: EntityReader<Each> } = reader;
  const stored = await readers[kind].get(id);
  const what = `the ${collections[kind].noun} ${id}`;
  if (entity === undefined) {
    if (stored !== undefined) yield `By the events of ${stream} ${what} was deleted, and it is there.`;
  } else if (stored === undefined) yield `By the events of ${stream} there is ${what}, and it is not there.`;
  else if (!isDeepEqual(stored, entity)) yield `The last event about ${what} shows it otherwise than it is.`;
}
