import { kinds, logKinds } from '../../../src/application/store/collections.ts';
import type { Reader } from '../../../src/application/store/store.ts';
import { otherSampleStream, sampleStream } from './store-under-test.ts';

/** The streams that tests write to, except those of single projects. */
export const sampleStreams = [sampleStream, otherSampleStream, 'workspace'] as const;

/** All that a view shows: entities, entries of the logs of these ids, and events with where they end. */
export async function readEverything(reader: Reader, logIds: readonly string[]) {
  const heads = await Promise.all(sampleStreams.map((name) => reader.events.head(name)));
  return {
    entities: await Promise.all(kinds.map(async (kind) => (await reader[kind].list({ limit: 99 })).items)),
    entries: await Promise.all(
      logKinds.flatMap((kind) => logIds.map((id) => reader[kind].read(id, 0, 1_000_000))),
    ),
    heads: heads.filter((head) => head.seq > 0),
    events: await Promise.all(sampleStreams.map((name) => reader.events.read(name, 0, 1_000_000))),
  };
}
