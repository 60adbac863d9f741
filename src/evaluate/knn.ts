import { type Breathe, holdBreath, inPieces } from '../ops/breathe.ts';
import { type Features, normalizeRows, rows, transpose } from '../ops/linear-algebra.ts';
import * as tf from '../tf.ts';

/** Test rows compared at a time, with as many training rows as hold about a million numbers: pieces of 2²⁸ multiplications. */
const chunk = 256;
const block = 1 << 20;

/** Of each test row the k training rows of largest cosine, nearest first: row numbers and cosines, [test rows × k]. */
export type Neighbours = { readonly rows: Int32Array; readonly cosines: Float64Array };

/**
 * The k training rows of largest cosine to each test row; ties go to the earlier row. Rows of zeros have cosine 0 to all.
 * Throws if k exceeds the training rows.
 */
export async function neighbours(train: Features, test: Features, k: number, breathe: Breathe = holdBreath): Promise<Neighbours> {
  const [n, m] = [rows(train), rows(test)];
  if (!(Number.isInteger(k) && k >= 1 && k <= n))
    throw new Error(`kNN with k = ${k} of ${n} training rows: expected a whole number from 1 to ${n}`);
  const { columns } = train;
  const unit = ({ values }: Features, from: number, to: number) =>
    normalizeRows({ values: values.subarray(from * columns, to * columns), columns }).values;
  const queries = new Float32Array(test.values.length);
  await inPieces(m, columns, breathe, (from, to) => queries.set(unit(test, from, to), from * columns));
  // Of each test row the k largest so far, in falling order: insertion is rare once they are large.
  const best = new Float64Array(m * k).fill(Number.NEGATIVE_INFINITY);
  const who = new Int32Array(m * k);
  const insert = (cosines: ArrayLike<number>, start: number, from: number, width: number) => {
    for (let i = 0; i < cosines.length / width; i++) {
      const first = (start + i) * k;
      for (let j = 0; j < width; j++) {
        const s = cosines[i * width + j]!;
        let place = first + k - 1;
        if (!(s > best[place]!)) continue;
        for (; place > first && s > best[place - 1]!; place--) {
          best[place] = best[place - 1]!;
          who[place] = who[place - 1]!;
        }
        best[place] = s;
        who[place] = from + j;
      }
    }
  };
  const most = Math.max(1, Math.floor(block / columns));
  for (let from = 0; from < n; from += most) {
    await breathe();
    const width = Math.min(most, n - from);
    const T = tf.tensor2d(transpose(unit(train, from, from + width), columns), [columns, width]);
    try {
      for (let start = 0; start < m; start += chunk) {
        await breathe();
        const size = Math.min(chunk, m - start);
        const product = tf.tidy(() =>
          tf.matMul(tf.tensor2d(queries.subarray(start * columns, (start + size) * columns), [size, columns]), T),
        );
        insert(await product.data(), start, from, width);
        product.dispose();
      }
    } finally {
      T.dispose();
    }
  }
  return { rows: who, cosines: best };
}

/**
 * Accuracy in [0, 1] of weighted k-nearest-neighbour classification: each test row takes the class of most votes among its k training
 * rows of largest cosine s, a vote weighing exp(s/τ) (Wu et al. 2018, §3.4, arXiv 1805.01978). Ties go to the earlier row and the lower class.
 * Labels are 0 … classes − 1. Throws if k exceeds the training rows or labels and rows differ in number.
 * Differs: k = 20 instead of 200, for training sets of thousands instead of a million.
 */
export async function knn(
  train: Features,
  trainLabels: ArrayLike<number>,
  test: Features,
  testLabels: ArrayLike<number>,
  classes: number,
  { k = 20, temperature = 0.1, breathe = holdBreath }: { k?: number; temperature?: number; breathe?: Breathe } = {},
): Promise<number> {
  const [n, m] = [rows(train), rows(test)];
  if (trainLabels.length !== n || testLabels.length !== m)
    throw new Error(
      `kNN got ${trainLabels.length} and ${testLabels.length} labels for ${n} training and ${m} test rows, expected one a row`,
    );
  const { rows: who, cosines } = await neighbours(train, test, k, breathe);
  let right = 0;
  for (let i = 0; i < m; i++) {
    const votes = new Float64Array(classes);
    for (let at = i * k; at < (i + 1) * k; at++) votes[trainLabels[who[at]!]!]! += Math.exp((cosines[at]! - cosines[i * k]!) / temperature);
    if (votes.indexOf(Math.max(...votes)) === testLabels[i]) right += 1;
  }
  return right / m;
}
