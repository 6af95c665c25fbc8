import { type Stream, streamOf } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { events } from '../../domain/events.ts';
import { sameValue } from '../../domain/values/entity.ts';
import { collections, type Kind } from '../store/collections.ts';
import { every } from '../store/paginate.ts';
import type { EntityReader, Reader } from '../store/store.ts';
import { foldEvent, type Told } from './replay-events.ts';

const atOnce = 500;

/** Everything in which the kept events of the streams are no sequence of events, or do not end in what is stored. */
export async function* auditEvents(reader: Reader): AsyncGenerator<string> {
  yield* auditStream(reader, streamOf(null));
  for await (const { id } of every(reader.projects, {})) yield* auditStream(reader, streamOf(id));
}

async function* auditStream(reader: Reader, stream: Stream): AsyncGenerator<string> {
  const { seq: head } = await reader.events.head(stream);
  const told = new Map<string, Told>();
  for (let after = await firstKept(reader.events, stream, head); after < head; ) {
    const records = await reader.events.read(stream, after, atOnce);
    for (const record of records) {
      after += 1;
      const place = `Event ${after} of ${stream}`;
      if (record.seq !== after) yield `${place} has the number ${record.seq}.`;
      const issue = events[record.name]?.data.safeParse(record.data).error?.issues[0];
      if (!(record.name in events)) yield `${place} has the name ${record.name}, which no event has.`;
      else if (issue !== undefined) yield `${place}: ${issue.path.join('.') || 'it'}: ${issue.message}.`;
      else foldEvent(told, record);
    }
    if (records.length === 0) {
      yield `The events of ${stream} end at ${after} and not at ${head}.`;
      break;
    }
  }
  for (const one of told.values()) yield* compare(reader, stream, one);
}

/** A reader of events, whatever it makes of them. */
interface Readable {
  read(stream: Stream, after: number, limit: number): Promise<unknown>;
}

/** The number behind which all events of a stream are kept up to `head`: the smallest that is not lost. */
export async function firstKept(reader: Readable, stream: Stream, head: number): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isKept(reader, stream, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function isKept(reader: Readable, stream: Stream, after: number): Promise<boolean> {
  try {
    await reader.read(stream, after, 1);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'POSITION_LOST') return false;
    throw error;
  }
}

async function* compare(reader: Reader, stream: Stream, { kind, id, entity }: Told): AsyncGenerator<string> {
  const readers: { readonly [Each in Kind]: EntityReader<Each> } = reader;
  const stored = await readers[kind].get(id);
  const what = `the ${collections[kind].noun} ${id}`;
  if (entity === undefined) {
    if (stored !== undefined) yield `By the events of ${stream} ${what} was deleted, and it is there.`;
  } else if (stored === undefined) yield `By the events of ${stream} there is ${what}, and it is not there.`;
  else if (!sameValue(stored, entity)) yield `The last event about ${what} shows it otherwise than it is.`;
}
