/** The candidate that `word` most likely misspells, by at most `maxEdits` edits; undefined when there is none. */
export function findClosestMatch(
  word: string,
  candidates: Iterable<string>,
  maxEdits = word.length < 5 ? 1 : word.length < 9 ? 2 : 3,
): string | undefined {
  let best: string | undefined;
  let fewest = maxEdits + 1;
  for (const candidate of candidates) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase(), fewest);
    if (edits < fewest) {
      best = candidate;
      fewest = edits;
    }
  }
  return best;
}

/** How many letters to insert, delete, replace or swap with a neighbour to turn `a` into `b`, counted up to `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let rowBefore: number[] = [];
  let rowAbove = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const replaced = (rowAbove[j - 1] ?? 0) + (same ? 0 : 1);
      let edits = Math.min(replaced, (rowAbove[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, (rowBefore[j - 2] ?? 0) + 1);
      }
      row.push(edits);
    }
    rowBefore = rowAbove;
    rowAbove = row;
  }
  return Math.min(rowAbove[b.length] ?? limit, limit);
}
