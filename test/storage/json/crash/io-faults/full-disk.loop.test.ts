import { expect, it, onTestFinished } from 'vitest';
import type { Store } from '../../../../../src/application/store/store.ts';
import { AppError } from '../../../../../src/domain/errors.ts';
import { DamageError } from '../../../../../src/storage/json/disk/damage-error.ts';
import type { JsonStoreOptions } from '../../../../../src/storage/json/json-store-options.ts';
import { openJsonStore } from '../../../../../src/storage/json/open-json-store.ts';
import { createRandom, readSeed } from '../../../../support/samples/random.ts';
import { samples } from '../../../../support/samples/samples.ts';
import { startHttp } from '../../../../support/servers/start-http.ts';
import { openServices } from '../../../../support/services/service-harness.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { writeInTransaction } from '../../../contract/store-under-test.ts';
import { SimulatedDisk } from '../simulation/simulated-disk.ts';
import { SimulatedProcess } from '../simulation/simulated-process.ts';
import { InvariantViolation, StoreRun } from '../simulation/store-run.ts';
import { generateWorkload } from '../simulation/workload.ts';

/** A store on a disk of so many bytes that looks often how much is left. */
class FillingDisk {
  readonly disk = new SimulatedDisk();
  /** The least that was ever left. */
  least = Number.POSITIVE_INFINITY;
  #looked = () => {};

  process = new SimulatedProcess(this.disk);

  open(options: Partial<JsonStoreOptions> = {}): Promise<Store> {
    if (this.disk.capacity === Number.POSITIVE_INFINITY) this.disk.capacity = 100_000;
    const files = new SimulatedProcess(this.disk, {
      before: ({ operation }) => {
        this.least = Math.min(this.least, this.disk.freeBytes);
        if (operation === 'volume') this.#looked();
      },
    });
    const limits = { lowFreeBytes: 60_000, minFreeBytes: 30_000, spaceCheckMs: 1, checkpointBytes: 5000 };
    this.process = files;
    return openJsonStore({ dataDir: '/data', files, ...limits, ...options });
  }

  /** Resolves when it was looked again how much is left, and that was taken in. */
  async noticed(): Promise<void> {
    for (let looks = 0; looks < 2; looks++) {
      await new Promise<void>((resolve) => {
        this.#looked = resolve;
      });
    }
  }
}

it('[CR9] refuses changes before the disk is full, shows everything meanwhile, and goes on when there is space', async () => {
  const filling = new FillingDisk();
  const store = await filling.open();
  onTestFinished(() => store.close());
  const insert = (number: number) =>
    writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: `task_${number}` }));
  let count = 0;
  let refusal: unknown;
  const healths = new Set<string>();
  while (refusal === undefined) {
    await filling.noticed();
    healths.add(store.health().status);
    refusal = await insert(count).then(
      () => void count++,
      (error: unknown) => error,
    );
  }
  expect(refusal).toMatchObject({ code: 'STORAGE_FULL' });
  expect([...healths].slice(0, 2)).toStrictEqual(['ok', 'degraded']);
  expect(filling.least).toBeGreaterThan(10_000);
  const { total } = await store.read((reader) => reader.tasks.list({ limit: 1, count: true }));
  expect(total).toBe(count);
  filling.disk.capacity *= 2;
  await filling.noticed();
  await insert(count);
  expect(store.health().status).toBe('ok');
});

it('[CR16] refuses changes before the disk is full however fast it fills, without a measurement in between', async () => {
  for (const size of [100, 3000, 12_000]) {
    const filling = new FillingDisk();
    const store = await filling.open({ spaceCheckMs: 3_600_000 });
    onTestFinished(() => store.close());
    const insert = (number: number) =>
      writeInTransaction(store, (tx) =>
        tx.tasks.insert({ ...samples.tasks(), id: `task_${number}`, description: 'x'.repeat(size) }),
      );
    const results = await Promise.allSettled(Array.from({ length: 1000 }, (_, i) => insert(i)));
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(new Set(refusals)).toStrictEqual(new Set(['STORAGE_FULL']));
    expect(store.health().status).not.toBe('failed');
    const { total } = await store.read((reader) => reader.tasks.list({ limit: 1, count: true }));
    expect(total).toBe(1000 - refusals.length);
    filling.disk.capacity *= 2;
    await insert(1000);
  }
});

it('[CR17] shows everything after a start on a full disk, refuses changes, and accepts them when there is room', async () => {
  const filling = new FillingDisk();
  const first = await filling.open();
  const insert = (store: Store, id: string) =>
    writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id }));
  await insert(first, 'task_a');
  filling.process.kill();
  await first.close();
  filling.disk.capacity = 100_000 - filling.disk.freeBytes;
  const second = await filling.open();
  onTestFinished(() => second.close());
  const count = () =>
    second.read((reader) => reader.tasks.list({ limit: 9 })).then(({ items }) => items.length);
  expect(await count()).toBe(1);
  expect(second.health()).toMatchObject({
    status: 'full',
    detail: expect.stringMatching(/needs 1 MiB free/),
  });
  await expect(insert(second, 'task_b')).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  filling.disk.capacity = 200_000;
  await filling.noticed();
  await insert(second, 'task_b');
  expect([await count(), second.health().status]).toStrictEqual([2, 'ok']);
});

it('[CR9] answers 507 over HTTP while the disk is nearly full, and everything else', async () => {
  const filling = new FillingDisk();
  const http = await startHttp(undefined, undefined, openServices({}, await filling.open()));
  onTestFinished(() => http.stop());
  const token = await http.createToken({ subject: 'tester', role: 'admin', projects: ['*'] });
  const send = (method: string, path: string, body?: unknown) => http.send(method, path, { token, body });
  const { body: project } = await send('POST', '/api/projects', { name: 'Filling' });
  const create = () =>
    send('POST', '/api/tasks', { projectId: project.id, title: 'Large', description: 'x'.repeat(4000) });
  const statuses: number[] = [];
  while (statuses.at(-1) !== 507) {
    await filling.noticed();
    statuses.push((await create()).status);
    expect(statuses.length).toBeLessThan(50);
  }
  expect(new Set(statuses)).toStrictEqual(new Set([201, 507]));
  const { status, body } = await send('GET', `/api/tasks?projectId=${project.id}`);
  expect([status, body.length]).toStrictEqual([200, statuses.length - 1]);
  expect((await send('GET', '/health')).status).toBe(200);
  filling.disk.capacity *= 2;
  await filling.noticed();
  expect((await create()).status).toBe(201);
});

it('[CR10] loses nothing known on a disk that is suddenly full, and opens when there is space', async () => {
  const seed = readSeed();
  const workload = await generateWorkload(createRandom(seed), 6);
  const options = { lowFreeBytes: 0, minFreeBytes: 0 };
  let stops = 0;
  for (let capacity = 200; capacity < 40_000; capacity += loopCount(1500, 40)) {
    const context = `TEST_SEED=${seed}, ${capacity} bytes`;
    const disk = new SimulatedDisk();
    disk.capacity = capacity;
    const life = new StoreRun(disk, workload, { options });
    const outcome = await life
      .start()
      .then((count) => life.run(workload.steps, count))
      .catch((error: unknown) => error);
    expect(outcome, context).not.toBeInstanceOf(InvariantViolation);
    if (outcome instanceof AppError) stops++;
    await life.cutPower();

    const cramped = new StoreRun(disk, workload, { known: life.known, options });
    const refusal = await cramped.start().catch((error: unknown) => error);
    expect(refusal, context).not.toBeInstanceOf(DamageError);
    expect(refusal, context).not.toBeInstanceOf(InvariantViolation);
    await cramped.cutPower();

    disk.capacity = Number.POSITIVE_INFINITY;
    const roomy = new StoreRun(disk, workload, { known: cramped.known, options });
    await roomy.start();
    await roomy.stop();
    await roomy.cutPower();
  }
  expect(stops).toBeGreaterThan(0);
});
