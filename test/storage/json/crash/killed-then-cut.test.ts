import { expect, it } from 'vitest';
import { SimulatedDisk } from './simulated-disk.ts';
import { fault } from './simulated-paths.ts';
import type { Step } from './simulated-process.ts';
import { StoreLife } from './store-life.ts';
import { modelledWorkload } from './workload.ts';

it('[CR15] what a process took away before it ended does not come back at a power cut behind the next start', async () => {
  const steps = [
    { do: 'commit', works: [[{ do: 'insert', kind: 'tasks', id: 0, seed: 0 }]] },
    { do: 'restart' },
    { do: 'commit', works: [[{ do: 'delete', kind: 'tasks', id: 0 }]] },
  ] as const;
  const workload = await modelledWorkload(steps, { events: 50_000, ageMs: 1e9 });
  let isGone = false;
  const before = ({ what, path }: Step) => {
    if (isGone) throw fault('EIO', path);
    isGone = what === 'rename' && /^\/data\/tasks\/.*\.json$/.test(path);
  };
  const first = new StoreLife(new SimulatedDisk(), workload, { meddler: { before } });
  await first.run(workload.steps, await first.start());
  await first.stop().catch(() => {});
  await first.end();
  expect(isGone).toBe(true);

  const { disk, known } = first;
  const second = new StoreLife(disk, workload, { known });
  expect(await second.start()).toBe(2);
  await second.stop();
  await second.end();

  const third = new StoreLife(disk.afterPowerCut(disk.moment, new Map()), workload, { known });
  expect(await third.start()).toBe(2);
  await third.end();
});
