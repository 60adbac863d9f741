import { type Breathe, holdBreath, inPieces } from '../ops/breathe.ts';
import { type Features, normalizeRows, rows, transpose } from '../ops/linear-algebra.ts';
import * as tf from '../tf.ts';

/** Test rows compared at a time: bounds the read-back to chunk × training rows, and the product to 2²⁸ multiplications. */
const chunkOf = (n: number, columns: number) => Math.max(1, Math.min(256, Math.floor(2 ** 28 / (n * columns))));

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
  if (!(Number.isInteger(k) && k >= 1 && k <= n))
    throw new Error(`kNN with k = ${k} of ${n} training rows: expected a whole number from 1 to ${n}`);
  const { columns } = train;
  const chunk = chunkOf(n, columns);
  const unit = ({ values }: Features, from: number, to: number) =>
    normalizeRows({ values: values.subarray(from * columns, to * columns), columns }).values;
  const units = new Float32Array(train.values.length);
  await inPieces(n, columns, breathe, (from, to) => units.set(unit(train, from, to), from * columns));
  const transposed = new Float32Array(units.length);
  await inPieces(n, columns, breathe, (from, to) => transpose(units, columns, transposed, from, to));
  const T = tf.tensor2d(transposed, [columns, n]);
  const best = new Float64Array(k);
  const who = new Int32Array(k);
  let right = 0;
  try {
    for (let start = 0; start < m; start += chunk) {
      await breathe();
      const size = Math.min(chunk, m - start);
      const product = tf.tidy(() => tf.matMul(tf.tensor2d(unit(test, start, start + size), [size, columns]), T));
      const cosines = await product.data();
      product.dispose();
      for (let i = 0; i < size; i++) {
        // The k largest so far, in falling order: insertion is rare once they are large.
        best.fill(Number.NEGATIVE_INFINITY);
        for (let j = 0; j < n; j++) {
          const s = cosines[i * n + j]!;
          if (!(s > best[k - 1]!)) continue;
          let place = k - 1;
          for (; place > 0 && s > best[place - 1]!; place--) {
            best[place] = best[place - 1]!;
            who[place] = who[place - 1]!;
          }
          best[place] = s;
          who[place] = j;
        }
        const votes = new Float64Array(classes);
        for (let place = 0; place < k; place++) votes[trainLabels[who[place]!]!]! += Math.exp((best[place]! - best[0]!) / temperature);
        if (votes.indexOf(Math.max(...votes)) === testLabels[start + i]) right += 1;
      }
    }
  } finally {
    T.dispose();
  }
  return right / m;
}
