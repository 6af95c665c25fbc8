import type { EventRecord } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { RecordedEvent, TransactionRecord } from '../journal/transaction-record.ts';
import { LogLine } from '../logs/log-line.ts';

/** The line that tells an event in the log of a stream. */
export function encodeEventLine(
  event: RecordedEvent,
  seq: number,
  { tx, at, by }: TransactionRecord,
): LogLine {
  const head = `"seq":${seq},"tx":${tx},"timestamp":${at},"actor":${JSON.stringify(by)}`;
  return new LogLine(`{${head},"name":"${event.name}","data":${event.text}}`, at);
}

/** The event that a line tells. */
export function decodeEventLine(stream: Stream, line: LogLine): EventRecord {
  // The line was made from an event of the catalogue.
  const { seq, name, data, timestamp, actor } = line.value as EventRecord;
  return Object.freeze({ stream, seq, name, data, timestamp, actor }) as EventRecord;
}

/** The events of a transaction as listeners hear of them, one for each stream that records them. */
export function toEventRecords({ at, by, events }: TransactionRecord): readonly EventRecord[] {
  return events.flatMap(({ name, data, seqs }) =>
    [...seqs].map(
      // The name and the data came in together, as one event of the catalogue.
      ([stream, seq]) => Object.freeze({ stream, seq, name, data, timestamp: at, actor: by }) as EventRecord,
    ),
  );
}
