import { describe, expect, it } from 'vitest';
import type { EventRecord, Reader, Store } from '../../../src/application/store/store.ts';
import { LogPageCache } from '../../../src/realtime/delivery/log-page-cache.ts';
import { type Receiver, StreamCursor } from '../../../src/realtime/delivery/stream-cursor.ts';
import { StreamFeed } from '../../../src/realtime/delivery/stream-feed.ts';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { sampleProjectId } from '../../support/samples/samples.ts';
import { admin } from '../../support/services/service-harness.ts';
import { nextEventLoopTurn } from '../../support/time/event-loop-turn.ts';

const stream = `project:${sampleProjectId}` as const;
const task = 'task:task_sample';

/** A stream whose events a test commits, and a connection that hears of it. */
function openStream(pageSize: number) {
  const log: EventRecord[] = [];
  const events: Reader['events'] = {
    head: async () => ({ epoch: 'epoch', seq: log.length }),
    read: async (_, after, limit) => log.slice(after, after + limit),
  };
  // Pages are read from the events of a view, and from nothing else.
  const store = { read: (work) => work({ events } as Reader) } as Store;
  const feed = new StreamFeed(stream, new LogPageCache(store, pageSize), () => {});
  const received: number[] = [];
  const receiver: Receiver = {
    actor: admin,
    deliver: (frame) => received.push(Number(/"epoch:(\d+)"/.exec(frame.toString())?.[1])),
    backpressure: undefined,
    onChannelEnded: () => {},
    onReadFailed: (_, fault) => {
      throw fault;
    },
  };
  const commit = (name: 'task:updated' | 'session:updated' = 'task:updated') => {
    const about = { stream, seq: log.length + 1, timestamp: 1, actor: 'ada' };
    log.push({ ...about, name, data: eventSamples[name] } as EventRecord);
  };
  const publish = () => {
    const last = log.at(-1);
    if (last !== undefined) feed.publish(last);
  };
  const reach = () => feed.noteHead({ epoch: 'epoch', seq: log.length });
  return { log, feed, received, commit, publish, reach, cursor: new StreamCursor(feed, receiver) };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('a place in a stream', () => {
  it('[RT13] misses nothing and repeats nothing, at whichever tick of its reading an event is published', async () => {
    for (let tick = 0; tick < 60; tick++) {
      const { received, commit, publish, reach, cursor } = openStream(2);
      for (let i = 0; i < 5; i++) commit();
      reach();
      cursor.follow([{ channel: stream, since: 0 }]);
      for (let i = 0; i < tick; i++) await Promise.resolve();
      commit();
      publish();
      await nextEventLoopTurn();
      commit();
      publish();
      expect(received, `tick ${tick}`).toEqual(upTo(7));
    }
  });

  it('[RT13] takes an event once that it read from the log before it was published', async () => {
    const { received, commit, publish, reach, cursor } = openStream(10);
    commit();
    reach();
    cursor.follow([{ channel: stream, since: 0 }]);
    await nextEventLoopTurn();
    publish();
    expect(received).toEqual([1]);
  });

  it('[RT15] keeps the order of the stream for all of its channels, at whichever tick another joins', async () => {
    for (let tick = 0; tick < 60; tick++) {
      const { received, commit, publish, reach, cursor } = openStream(2);
      for (let i = 0; i < 4; i++) commit(i % 2 === 0 ? 'task:updated' : 'session:updated');
      reach();
      cursor.follow([{ channel: task, since: 0 }]);
      for (let i = 0; i < tick; i++) await Promise.resolve();
      cursor.follow([{ channel: stream, since: 0 }]);
      commit('session:updated');
      publish();
      await nextEventLoopTurn();
      commit();
      publish();
      expect([...received].sort(), `tick ${tick}`).toEqual(upTo(6));
      expect(received.slice(-2)).toEqual([5, 6]);
    }
  });

  it('[RT15] delivers nothing from before its beginning to a channel that begins at the head', async () => {
    const { received, commit, publish, reach, cursor } = openStream(10);
    commit('session:updated');
    reach();
    cursor.follow([{ channel: task, since: 1 }]);
    commit('session:updated');
    reach();
    // The second event is not published yet, and the channel begins after it.
    cursor.follow([{ channel: stream, since: 2 }]);
    publish();
    commit('session:updated');
    publish();
    await nextEventLoopTurn();
    expect(received).toEqual([3]);
  });
});
