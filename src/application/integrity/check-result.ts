/** How one thing that was looked at is. */
export type FindingStatus = 'ok' | 'skipped' | 'warning' | 'fault';

/** What a look at one thing found, as a sentence; of a fault it says what to do, where that is known. */
export interface Finding {
  /** What was looked at, as `lock` or `references`. */
  readonly check: string;
  readonly status: FindingStatus;
  readonly sentence: string;
}

/** Faults that are told one by one; of more than these only the number is told. */
const mostTold = 20;

/** The faults of one check as findings; one that says `well` when there are none. */
export async function findingsOf(
  check: string,
  well: string,
  faults: AsyncIterable<string> | Iterable<string>,
): Promise<readonly Finding[]> {
  const told: Finding[] = [];
  let count = 0;
  for await (const sentence of faults) {
    count += 1;
    if (count <= mostTold) told.push({ check, status: 'fault', sentence });
  }
  if (count === 0) return [{ check, status: 'ok', sentence: well }];
  if (count <= mostTold) return told;
  return [...told, { check, status: 'fault', sentence: `There are ${count - mostTold} more like these.` }];
}
