/**
 * Edit distance of Damerau and Levenshtein (optimal string alignment): insertions, deletions, substitutions and
 * swaps of neighbours, each counted 1.
 */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** The known name that `name` most likely means (case aside), or null when none is near: more than half of it would change. */
export function nearest(name: string, known: readonly string[]): string | null {
  const typed = name.slice(0, 100).toLowerCase();
  const ranked = known.map((k) => ({ k, d: distance(typed, k.toLowerCase()) })).sort((x, y) => x.d - y.d);
  const best = ranked[0];
  return best && best.d <= Math.max(1, Math.max(typed.length, best.k.length) / 2) ? best.k : null;
}

/** "There is no method "simcrl"; did you mean simclr? Known: simclr, byol": one sentence for every unknown name. */
export function unknown(what: string, name: string, known: readonly string[]): string {
  const guess = nearest(name, known);
  return `There is no ${what} ${JSON.stringify(name)}; ${guess ? `did you mean ${guess}? ` : ''}Known: ${known.join(', ')}`;
}
