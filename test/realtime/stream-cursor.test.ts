import { describe, expect, it } from 'vitest';
import type { EventRecord, Reader, Store } from '../../src/application/store.ts';
import { LogPages } from '../../src/realtime/log-pages.ts';
import { Cursor, type Receiver } from '../../src/realtime/stream-cursor.ts';
import { StreamFeed } from '../../src/realtime/stream-feed.ts';
import { eventSamples } from '../support/event-samples.ts';
import { admin } from '../support/open-services.ts';
import { sampleProject } from '../support/samples.ts';
import { turn } from '../support/turn.ts';

const stream = `project:${sampleProject}` as const;

/** A stream that is written to without a store: what is published is in its log before. */
function openStream() {
  const log: EventRecord[] = [];
  const events: Pick<Reader['events'], 'head' | 'read'> = {
    head: async () => ({ epoch: 'e', seq: log.length }),
    read: async (_, after, limit) => log.slice(after, after + limit),
  };
  // The pages of a log read its events and nothing else.
  const store: Pick<Store, 'read'> = { read: (work) => work({ events } as Reader) };
  const feed = new StreamFeed(stream, new LogPages(store, 2));
  const publish = () => {
    const data = eventSamples['task:updated'];
    const seq = log.length + 1;
    log.push({ stream, seq, name: 'task:updated', data, timestamp: seq, actor: 'ada' });
    feed.publish(log.at(-1) as EventRecord);
  };
  return { feed, publish };
}

describe('[RT13] a channel that catches up', () => {
  it('goes live in the tick in which it has read all, whenever something is published', async () => {
    for (let ticks = 0; ticks < 40; ticks++) {
      const { feed, publish } = openStream();
      for (let i = 0; i < 3; i++) publish();
      const got: number[] = [];
      const receiver: Receiver = {
        actor: admin,
        deliver: (frame) => got.push(seqIn(frame)),
        room: undefined,
        ended: () => {},
        failed: (_, fault) => {
          throw fault;
        },
      };
      const cursor = new Cursor(feed, receiver);
      feed.reaches({ epoch: 'e', seq: 3 });
      cursor.join([[stream, 0]]);
      for (let i = 0; i < ticks; i++) await undefined;
      publish();
      await turn();
      publish();
      expect(got, `${ticks} ticks`).toEqual([1, 2, 3, 4, 5]);
    }
  });
});

/** The number in the position that a frame carries. */
function seqIn(frame: Buffer): number {
  return Number(/"position":"e:(\d+)"/.exec(frame.toString())?.[1]);
}
