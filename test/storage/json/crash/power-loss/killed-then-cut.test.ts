import { expect, it } from 'vitest';
import { SimulatedDisk } from '../simulation/simulated-disk.ts';
import { createSystemError } from '../simulation/simulated-paths.ts';
import { StoreRun } from '../simulation/store-run.ts';
import type { SystemCall } from '../simulation/system-calls.ts';
import { buildWorkload } from '../simulation/workload.ts';

it('[CR15] what a process took away before it ended does not come back at a power cut behind the next start', async () => {
  const steps = [
    { do: 'commit', works: [[{ do: 'insert', kind: 'tasks', id: 0, seed: 0 }]] },
    { do: 'restart' },
    { do: 'commit', works: [[{ do: 'delete', kind: 'tasks', id: 0 }]] },
  ] as const;
  const workload = await buildWorkload(steps, { events: 50_000, ageMs: 1e9 });
  let isGone = false;
  const before = ({ operation, path }: SystemCall) => {
    if (isGone) throw createSystemError('EIO', path);
    isGone = operation === 'rename' && /^\/data\/tasks\/.*\.json$/.test(path);
  };
  const first = new StoreRun(new SimulatedDisk(), workload, { interceptor: { before } });
  await first.run(workload.steps, await first.start());
  await first.stop().catch(() => {});
  await first.cutPower();
  expect(isGone).toBe(true);

  const { disk, known } = first;
  const second = new StoreRun(disk, workload, { known });
  expect(await second.start()).toBe(2);
  await second.stop();
  await second.cutPower();

  const third = new StoreRun(disk.afterPowerCut(disk.moment, new Map()), workload, { known });
  expect(await third.start()).toBe(2);
  await third.cutPower();
});
