import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createBareDatabase } from '../../support/postgres/postgres-database.ts';
import { startPostgres } from '../../support/postgres/postgres-server.ts';
import { openForTest } from '../../support/postgres/stores-for-test.ts';
import { samples } from '../../support/samples/samples.ts';
import { recordCommits } from '../../support/stores/commit-recorder.ts';
import { loopCount } from '../../support/time/loop-count.ts';
import { readEvents, sampleStream } from '../contract/store-under-test.ts';

const script = join(import.meta.dirname, '../../support/stores/store-writer.mjs');

it('[PG9] keeps what was acknowledged, once and in order, while processes are killed and the database crashes', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const database = await createBareDatabase({ server: server.url });
  const store = await openForTest(database.url);
  const recorder = recordCommits(store);
  const writers = [0, 1, 2].map((i) => startWriter(database.url, `${i}`));
  const gone: typeof writers = [];
  const rounds = loopCount(3, 40);
  for (let round = 0; round < rounds; round++) {
    await Promise.all(writers.map((writer) => writer.more(15)));
    if (round % 2 === 1) await server.crash();
    const victim = round % writers.length;
    await writers[victim]?.kill();
    gone.push(...writers.splice(victim, 1, startWriter(database.url, `${victim}_${round}`)));
  }
  for (const writer of writers) await writer.kill();

  const events = await readEvents(store, sampleStream);
  expect(events.map((event) => event.seq)).toStrictEqual(events.map((_, n) => n + 1));
  const names = events.map((event) => (event.name === 'task:created' ? event.data.id : event.name));
  expect(new Set(names).size).toBe(names.length);
  const acknowledged = [...gone, ...writers].flatMap((writer) => writer.acknowledged);
  expect(names).toStrictEqual(expect.arrayContaining(acknowledged));
  const page = await store.read((reader) => reader.tasks.list({ limit: 1_000_000 }));
  expect(page.items.map((task) => task.id).sort()).toStrictEqual(names.toSorted());
  await recorder.waitForEvents(events.length);
  expect(recorder.events()).toStrictEqual(events);
});

function startWriter(url: string, name: string) {
  const child: ChildProcess = spawn(process.execPath, [script, url, name, JSON.stringify(samples.tasks())], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const acknowledged: string[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    acknowledged.push(...lines);
    for (const check of waiting) check();
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return {
    acknowledged,
    kill,
    /** Resolves once so many more were acknowledged. Throws when the process ends before. */
    more: (count: number) =>
      Promise.race([
        ended.then(() => {
          throw new Error('a process ended by itself');
        }),
        new Promise<void>((resolve) => {
          const wanted = acknowledged.length + count;
          waiting.add(() => {
            if (acknowledged.length >= wanted) resolve();
          });
        }),
      ]),
  };
}
