import { expect, it } from 'vitest';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { CrashedDisk } from './crashed-disk.ts';

it('[CR7] drops a last batch that is cut at any byte, and refuses a journal that is cut anywhere else', async () => {
  const crashed = await CrashedDisk.make();
  const { lines, seed } = crashed;
  const last = lines.at(-1);
  const ends = lines.filter((line, i) => lines[i + 1]?.file !== line.file);
  expect(ends.length).toBeGreaterThan(1);
  for (const [i, { file, line, start, end, before }] of ends.entries()) {
    const whole = crashed.contentOf(file);
    for (let cut = end - 1; cut >= start; cut -= loopCount(29, 1)) {
      const context = `TEST_SEED=${seed}, ${file} cut at ${cut}`;
      const bytes = whole.subarray(0, cut);
      if (file === last?.file) expect(await crashed.startWith(file, bytes), context).toBe(before);
      else {
        // Where a batch is gone without a trace, it is missed at the beginning of the next segment.
        const place = cut === start ? { file: ends[i + 1]?.file, line: 1 } : { file, line };
        await crashed.expectDamage(file, bytes, { ...place, lastTx: before }, context);
      }
    }
  }
});

it('[CR8] drops a last batch with a changed byte, and refuses any other changed byte, naming its place', async () => {
  const crashed = await CrashedDisk.make();
  const { lines, random, seed } = crashed;
  for (const { file, line, start, end, before } of lines) {
    const whole = crashed.contentOf(file);
    const step = loopCount(97, 1);
    for (let at = end - 1; at >= start; at -= step) {
      const bytes = whole.slice();
      bytes[at] = (whole[at] ?? 0) ^ (1 << random(8));
      const context = `TEST_SEED=${seed}, ${file} with another byte at ${at}`;
      const isLast = end === whole.length && file === lines.at(-1)?.file;
      if (isLast) expect(await crashed.startWith(file, bytes), context).toBe(before);
      else await crashed.expectDamage(file, bytes, { file, line, lastTx: before }, context);
    }
  }
});

it('[CR8] drops a last batch of zeros, and refuses any other zeros, naming their place', async () => {
  const crashed = await CrashedDisk.make();
  for (const { file, line, start, end, before } of crashed.lines) {
    const isLast = end === crashed.contentOf(file).length && file === crashed.lines.at(-1)?.file;
    for (const [from, to] of [
      [start, end] as const,
      [start, end - 1] as const,
      [(start + end) >> 1, end] as const,
    ]) {
      const bytes = crashed.contentOf(file).slice().fill(0, from, to);
      const context = `TEST_SEED=${crashed.seed}, ${file} with zeros from ${from} to ${to}`;
      if (isLast) expect(await crashed.startWith(file, bytes), context).toBe(before);
      else await crashed.expectDamage(file, bytes, { file, line, lastTx: before }, context);
    }
  }
});
