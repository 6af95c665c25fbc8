import autocannon from 'autocannon';

/** Requests to measure with: one kind, from so many connections at once. */
export interface RequestLoad {
  readonly url: string;
  readonly connections: number;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Seconds that each measurement takes. */
const seconds = Number(process.env.BENCH_SECONDS ?? 4);
/** How often each side is measured, in turn with the other. */
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);

/** What one measurement saw. */
export interface Throughput {
  readonly responses: number;
  readonly perSecond: number;
}

/** The answers under this load; throws when any was not a 2xx. */
export async function measureThroughput(load: RequestLoad, duration = seconds): Promise<Throughput> {
  const result = await autocannon({ ...load, duration });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${load.url}: ${result.non2xx} answers were no 2xx, ${result.errors} failed`);
  }
  return { responses: result.requests.total, perSecond: result.requests.total / result.duration };
}

/** How one side does against the other: medians of rounds taken in turn, after one to warm up. */
export function compareThroughput(
  name: string,
  ours: () => Promise<Throughput>,
  floor: () => Promise<Throughput>,
): Promise<number> {
  return compareNumbers(
    name,
    async () => (await ours()).perSecond,
    async () => (await floor()).perSecond,
  );
}

/** The same for anything that is measured as one number. */
export async function compareNumbers(
  name: string,
  ours: () => Promise<number>,
  floor: () => Promise<number>,
): Promise<number> {
  await ours();
  await floor();
  const pairs: { ours: number; floor: number; ratio: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const pair = { ours: await ours(), floor: await floor() };
    pairs.push({ ...pair, ratio: pair.ours / pair.floor });
  }
  const ratio = median(pairs.map((pair) => pair.ratio));
  const spread = pairs.map((pair) => pair.ratio.toFixed(2)).sort();
  writeReport(
    `${name}: ratio ${ratio.toFixed(2)} (${spread[0]} to ${spread.at(-1)}); ` +
      `${format(median(pairs.map((pair) => pair.ours)))} against ${format(median(pairs.map((pair) => pair.floor)))}`,
  );
  return ratio;
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Milliseconds that each of so many runs takes, one after another: their median. */
export async function measureMedianTime(
  times: number,
  run: (i: number) => Promise<unknown>,
): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await run(i);
    taken.push(performance.now() - start);
  }
  return median(taken);
}

/** Writes a line of the report. */
export function writeReport(line: string): void {
  process.stdout.write(`${line}\n`);
}

function format(number: number): string {
  return number >= 100 ? Math.round(number).toLocaleString('en') : number.toFixed(2);
}
