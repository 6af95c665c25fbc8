/** The outcome of checking one thing. */
export type CheckStatus = 'ok' | 'skipped' | 'warning' | 'fault';

/** What checking one thing found, as a sentence; for a fault it says what to do, where that is known. */
export interface CheckResult {
  /** What was checked, as `lock` or `references`. */
  readonly check: string;
  readonly status: CheckStatus;
  readonly sentence: string;
}

/** Faults that are reported one by one; of more than these only the number is reported. */
const maxReported = 20;

/** The faults of one check as results; a single result with the sentence `well` when there are none. */
export async function checkResultsOf(
  check: string,
  well: string,
  faults: AsyncIterable<string> | Iterable<string>,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  let count = 0;
  for await (const sentence of faults) {
    count += 1;
    if (count <= maxReported) results.push({ check, status: 'fault', sentence });
  }
  if (count === 0) return [{ check, status: 'ok', sentence: well }];
  if (count <= maxReported) return results;
  return [
    ...results,
    { check, status: 'fault', sentence: `There are ${count - maxReported} more like these.` },
  ];
}
