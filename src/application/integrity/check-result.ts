/** How one thing that was looked at is. */
export type CheckStatus = 'ok' | 'skipped' | 'warning' | 'fault';

/** What a look at one thing found, as a sentence; of a fault it says what to do, where that is known. */
export interface CheckResult {
  /** What was looked at, as `lock` or `references`. */
  readonly check: string;
  readonly status: CheckStatus;
  readonly sentence: string;
}

/** Faults that are told one by one; of more than these only the number is told. */
const maxReported = 20;

/** The faults of one check as findings; one that says `well` when there are none. */
export async function checkResultsOf(
  check: string,
  well: string,
  faults: AsyncIterable<string> | Iterable<string>,
): Promise<readonly CheckResult[]> {
  const told: CheckResult[] = [];
  let count = 0;
  for await (const sentence of faults) {
    count += 1;
    if (count <= maxReported) told.push({ check, status: 'fault', sentence });
  }
  if (count === 0) return [{ check, status: 'ok', sentence: well }];
  if (count <= maxReported) return told;
  return [...told, { check, status: 'fault', sentence: `There are ${count - maxReported} more like these.` }];
}
