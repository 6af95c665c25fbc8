import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeLine } from '../../../../src/storage/json/disk/checksummed-line.ts';
import { DamageError } from '../../../../src/storage/json/disk/damage-error.ts';
import { samples } from '../../../support/samples/samples.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { loopCount } from '../../../support/time/loop-count.ts';
import { writeInTransaction } from '../../contract/store-under-test.ts';
import { createCrashImage, openStoreIn } from '../disposable-store.ts';

/** A folder as a crash left it after one transaction a batch, and the lines of its only segment. */
async function crashedWith(transactions: number) {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  for (let i = 1; i <= transactions; i++) {
    await writeInTransaction(store, (tx) =>
      tx.tasks.insert({ ...samples.tasks(), id: `task_${i}`, createdAt: i }),
    );
  }
  const image = await createCrashImage(dataDir);
  const [name = ''] = await readdir(join(image, 'journal'));
  const path = join(image, 'journal', name);
  const lines = (await readFile(path, 'latin1')).split('\n').slice(0, -1);
  return { image, path, file: `journal/${name}`, lines };
}

async function tasksIn(dataDir: string): Promise<string[]> {
  const store = await openStoreIn(dataDir);
  const { items } = await store.read((reader) => reader.tasks.list({ limit: 100 }));
  await store.close();
  return items.map((task) => task.id);
}

function damageIn(dataDir: string): Promise<unknown> {
  return openStoreIn(dataDir).catch((error: unknown) => error);
}

it('[JS20] drops the last batch when it is torn, at whatever byte', async () => {
  const { image, path, lines } = await crashedWith(3);
  const whole = `${lines.join('\n')}\n`;
  const last = whole.length - (lines.at(-1)?.length ?? 0) - 1;
  const step = loopCount(97, 1);
  for (let end = whole.length - 1; end >= last; end -= step) {
    const copy = await createCrashImage(image);
    await truncate(path.replace(image, copy), end);
    expect(await tasksIn(copy), `cut at ${end}`).toStrictEqual(['task_1', 'task_2']);
  }
  expect(await tasksIn(image)).toStrictEqual(['task_1', 'task_2', 'task_3']);
});

it('[JS21] drops a last batch that is zeros or does not match its checksum', async () => {
  const { image, path, lines } = await crashedWith(2);
  const zeros = '\0'.repeat(lines.at(-1)?.length ?? 0);
  for (const last of [zeros, `${zeros}\n`, lines.at(-1)?.replace('task_2', 'task_9')]) {
    await writeFile(path, [...lines.slice(0, -1), last].join('\n'), 'latin1');
    expect(await tasksIn(await createCrashImage(image))).toStrictEqual(['task_1']);
  }
});

it('[JS22] refuses to start with a damaged batch that others follow, and names file, line and last good transaction', async () => {
  const { image, path, file, lines } = await crashedWith(4);
  for (const line of [1, 2, 3, 4]) {
    const damaged = lines.map((text, i) => (i === line - 1 ? text.replace(/[0-9]/, 'x') : text));
    await writeFile(path, `${damaged.join('\n')}\n`, 'latin1');
    const error = await damageIn(await createCrashImage(image));
    expect(error).toBeInstanceOf(DamageError);
    expect(error).toMatchObject({ location: { file, line, lastTx: Math.max(0, line - 2) } });
    expect(String(error)).toContain(`${file}, line ${line}`);
  }
});

it('[JS23] refuses to start when transactions or a segment are missing', async () => {
  const { image, path, file, lines } = await crashedWith(3);
  await writeFile(path, `${lines.filter((_, i) => i !== 2).join('\n')}\n`, 'latin1');
  expect(await damageIn(await createCrashImage(image))).toMatchObject({
    location: { file, line: 3, lastTx: 1 },
  });
  await rm(path);
  expect(await damageIn(image)).toMatchObject({ name: 'StartError', location: { file } });
});

it('[JS24] takes no notice of what an earlier term wrote after a later one began', async () => {
  const { image, path, lines } = await crashedWith(2);
  const late = JSON.parse(lines[2]?.slice(9) ?? '');
  late.txs[0].tx = 3;
  late.txs[0].ops[0][2].id = 'task_late';
  const header = encodeLine(JSON.stringify({ term: 2, after: 2 }));
  await writeFile(path, [`${lines.join('\n')}\n`, encodeLine(JSON.stringify(late))].map(String).join(''));
  await writeFile(join(image, 'journal', '00000002-00000001.ndjson'), header);
  expect(await tasksIn(image)).toStrictEqual(['task_1', 'task_2']);
});

it('[JS26] takes no notice of void segments, also where what they follow is void', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir, { segmentBytes: 1 });
  for (const id of ['task_1', 'task_2', 'task_3']) {
    await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id }));
  }
  const image = await createCrashImage(dataDir);
  const next = await createCrashImage(image);
  await openStoreIn(next);
  const [written = ''] = await readdir(join(next, 'journal'));
  expect(written).toMatch(/^00000002/);
  await cp(join(next, 'journal', written), join(image, 'journal', written));
  expect(await tasksIn(image)).toStrictEqual(['task_1', 'task_2', 'task_3']);
});

it('[JS27] takes no notice of damage in what a later term wrote again', async () => {
  const { image, path, lines } = await crashedWith(3);
  const next = await createCrashImage(image);
  await openStoreIn(next);
  const [written = ''] = await readdir(join(next, 'journal'));
  expect(written).toMatch(/^00000002/);
  await cp(join(next, 'journal', written), join(image, 'journal', written));
  await writeFile(path, lines.with(1, lines[1]?.replace('task', 'tusk') ?? '').join('\n'));
  expect(await tasksIn(image)).toStrictEqual(['task_1', 'task_2', 'task_3']);
});

it('[JS25] takes no notice of a segment that was begun and never written to', async () => {
  const { image } = await crashedWith(2);
  for (const [i, text] of ['', '12345678 {"te'].entries()) {
    await writeFile(join(image, 'journal', `00000002-0000000${i + 1}.ndjson`), text);
    expect(await tasksIn(await createCrashImage(image))).toStrictEqual(['task_1', 'task_2']);
  }
});
