/** The candidate that `word` is a misspelling of by at most `most` slips, the nearest; undefined when there is none. */
export function findClosestMatch(
  word: string,
  candidates: Iterable<string>,
  most = word.length < 5 ? 1 : word.length < 9 ? 2 : 3,
): string | undefined {
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of candidates) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase(), least);
    if (edits < least) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/** How many letters to insert, delete, replace or swap with their neighbour make `b` of `a`; `enough` when as many. */
function editDistance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const replaced = (above[j - 1] ?? 0) + (same ? 0 : 1);
      let edits = Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, (before[j - 2] ?? 0) + 1);
      }
      row.push(edits);
    }
    before = above;
    above = row;
  }
  return Math.min(above[b.length] ?? enough, enough);
}
