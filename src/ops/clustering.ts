/**
 * How well clusters match labels. Labels and clusters are whole numbers from 0; only the partition counts, never the names,
 * except that `clusterAccuracy` looks for the best naming. Natural logarithms throughout.
 */
type Ids = ArrayLike<number>;

/** Counts [class][cluster]: rows of label `i` that lie in cluster `j`. Throws if the two differ in length or are empty. */
export function confusion(labels: Ids, clusters: Ids): number[][] {
  if (labels.length !== clusters.length || labels.length === 0)
    throw new Error(`Got ${labels.length} labels and ${clusters.length} cluster numbers, expected as many of each and at least one`);
  const size = (ids: Ids) => Array.from(ids).reduce((max, id) => Math.max(max, id), 0) + 1;
  const width = size(clusters);
  const counts = Array.from({ length: size(labels) }, () => new Array<number>(width).fill(0));
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]![clusters[i]!]! += 1;
  return counts;
}

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
/** Sizes of the classes and clusters that are not empty, and their table. */
function table(labels: Ids, clusters: Ids) {
  const full = confusion(labels, clusters).filter((row) => sum(row) > 0);
  const used = full[0]!.map((_, j) => j).filter((j) => full.some((row) => row[j]! > 0));
  const counts = full.map((row) => used.map((j) => row[j]!));
  return { counts, a: counts.map(sum), b: used.map((_, j) => sum(counts.map((row) => row[j]!))), n: labels.length };
}

/** −Σ p log p of a partition with these sizes, in nats. */
const entropy = (sizes: readonly number[], n: number): number => -sum(sizes.map((s) => (s / n) * Math.log(s / n)));

/** Σ p(i, j) log(p(i, j) / (p(i) p(j))), in nats. */
const mutualInformation = ({ counts, a, b, n }: ReturnType<typeof table>): number =>
  sum(counts.flatMap((row, i) => row.map((c, j) => (c > 0 ? (c / n) * Math.log((c * n) / (a[i]! * b[j]!)) : 0))));

/**
 * Normalized mutual information, I(A; B) / ½(H(A) + H(B)), the arithmetic mean as in scikit-learn: 1 = the same partition,
 * 0 = independent. Two partitions of one part each count as the same.
 */
export function nmi(a: Ids, b: Ids): number {
  const t = table(a, b);
  const mean = (entropy(t.a, t.n) + entropy(t.b, t.n)) / 2;
  return mean === 0 ? 1 : Math.max(mutualInformation(t), 0) / mean;
}

/**
 * Adjusted mutual information, (I − E[I]) / (½(H(A) + H(B)) − E[I]): E[I] over random partitions of the same sizes, so chance
 * scores 0 whatever the number of clusters (Vinh, Epps & Bailey 2010, eq. 24a).
 */
export function ami(a: Ids, b: Ids): number {
  const t = table(a, b);
  const { n } = t;
  const mean = (entropy(t.a, n) + entropy(t.b, n)) / 2;
  if (mean === 0) return 1;
  const logFactorial = new Float64Array(n + 1);
  for (let k = 1; k <= n; k++) logFactorial[k] = logFactorial[k - 1]! + Math.log(k);
  const f = (k: number) => logFactorial[k]!;
  let expected = 0;
  // Hypergeometric probability that parts of sizes p and q share k rows.
  for (const p of t.a)
    for (const q of t.b)
      for (let k = Math.max(1, p + q - n); k <= Math.min(p, q); k++)
        expected +=
          (k / n) *
          Math.log((n * k) / (p * q)) *
          Math.exp(f(p) + f(q) + f(n - p) + f(n - q) - f(n) - f(k) - f(p - k) - f(q - k) - f(n - p - q + k));
  const information = mutualInformation(t);
  // Partitions into single rows are the same whatever the draw: 0/0 stands for agreement.
  return Math.abs(mean - expected) < 1e-12 ? 1 : (information - expected) / (mean - expected);
}

/** Adjusted Rand index: the share of pairs of rows on which both agree, corrected so that chance scores 0 and equality 1 (Hubert & Arabie 1985). */
export function ari(a: Ids, b: Ids): number {
  const t = table(a, b);
  const pairs = (k: number) => (k * (k - 1)) / 2;
  const together = sum(t.counts.flat().map(pairs));
  const [inA, inB] = [sum(t.a.map(pairs)), sum(t.b.map(pairs))];
  const chance = (inA * inB) / Math.max(pairs(t.n), 1);
  const highest = (inA + inB) / 2;
  return highest === chance ? 1 : (together - chance) / (highest - chance);
}

/** The class of each cluster under the naming that makes most rows right, one to one (Kuhn 1955); −1 for clusters that are left over. */
export function matchClusters(labels: Ids, clusters: Ids): number[] {
  const counts = confusion(labels, clusters);
  const costs = counts.map((row) => row.map((c) => -c));
  const classOf = new Array<number>(counts[0]!.length).fill(-1);
  if (counts.length <= classOf.length)
    hungarian(costs).forEach((cluster, label) => {
      classOf[cluster] = label;
    });
  else return hungarian(classOf.map((_, j) => costs.map((row) => row[j]!)));
  return classOf;
}

/**
 * Accuracy under the best one-to-one naming of clusters by classes: max over matchings of Σ matched counts / n, in [0, 1].
 * With more clusters than classes the rows of unmatched clusters count as wrong.
 */
export function clusterAccuracy(labels: Ids, clusters: Ids): number {
  const classOf = matchClusters(labels, clusters);
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (classOf[clusters[i]!] === labels[i]) right += 1;
  return right / labels.length;
}

/** The column of each row in the cheapest one-to-one assignment; rows ≤ columns. Shortest augmenting paths with potentials, O(rows² · columns). */
function hungarian(cost: readonly (readonly number[])[]): number[] {
  const width = cost[0]!.length;
  const rowPotential = new Float64Array(cost.length);
  const columnPotential = new Float64Array(width + 1);
  // rowOf[width] holds the row being placed: the root of the search.
  const rowOf = new Int32Array(width + 1).fill(-1);
  for (let root = 0; root < cost.length; root++) {
    rowOf[width] = root;
    const slack = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
    const from = new Int32Array(width).fill(width);
    const visited = new Set<number>();
    let column = width;
    do {
      visited.add(column);
      const row = rowOf[column]!;
      let next = -1;
      for (let j = 0; j < width; j++) {
        if (visited.has(j)) continue;
        const reduced = cost[row]![j]! - rowPotential[row]! - columnPotential[j]!;
        if (reduced < slack[j]!) {
          slack[j] = reduced;
          from[j] = column;
        }
        if (next < 0 || slack[j]! < slack[next]!) next = j;
      }
      const step = slack[next]!;
      for (const j of visited) {
        rowPotential[rowOf[j]!]! += step;
        columnPotential[j]! -= step;
      }
      for (let j = 0; j < width; j++) if (!visited.has(j)) slack[j]! -= step;
      column = next;
    } while (rowOf[column]! >= 0);
    while (column !== width) {
      rowOf[column] = rowOf[from[column]!]!;
      column = from[column]!;
    }
  }
  const columnOf = new Array<number>(cost.length);
  for (let j = 0; j < width; j++) if (rowOf[j]! >= 0) columnOf[rowOf[j]!] = j;
  return columnOf;
}
