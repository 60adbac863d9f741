import { type Breathe, holdBreath, inPieces } from '../ops/breathe.ts';
import { choleskySolver, type Features, product, rows, transpose } from '../ops/linear-algebra.ts';
import { rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { mapRows } from '../train/batches.ts';

/** Weight of ½‖W‖² beside the mean cross-entropy: scikit-learn's C = 1/(0.001 n). */
const l2 = 1e-3;
/** Rows that the preconditioner sees, and what it adds to the curvature for what they miss. */
const sketch = 1000;
const damping = 0.1;
const history = 10;

/**
 * Linear probe: accuracy in [0, 1] on the test rows of multinomial logistic regression fitted to frozen features, each column standardized
 * by the training rows' mean and standard deviation (constant columns give 0). Labels are 0 … classes − 1.
 * Throws if labels and rows differ in number or train and test in columns.
 */
export async function linearProbe(
  train: Features,
  trainLabels: ArrayLike<number>,
  test: Features,
  testLabels: ArrayLike<number>,
  classes: number,
  breathe: Breathe = holdBreath,
): Promise<number> {
  if (rows(train) !== trainLabels.length || rows(test) !== testLabels.length || train.columns !== test.columns)
    throw new Error(
      `A linear probe got ${trainLabels.length} and ${testLabels.length} labels for ${rows(train)} × ${train.columns} training and ` +
        `${rows(test)} × ${test.columns} test features, expected one label a row and as many columns in both`,
    );
  const standardize = await standardizer(train, breathe);
  return probeStandardized(await standardize(train), trainLabels, await standardize(test), testLabels, classes, breathe);
}

/** `linearProbe` on columns that are standardized already. */
export async function probeStandardized(
  train: Features,
  trainLabels: ArrayLike<number>,
  test: Features,
  testLabels: ArrayLike<number>,
  classes: number,
  breathe: Breathe = holdBreath,
): Promise<number> {
  const { weights, bias } = await fitLogistic(train, trainLabels, classes, { breathe });
  const logits = (await product(test, { values: weights, columns: classes })).values;
  let right = 0;
  for (let i = 0; i < testLabels.length; i++) {
    const scores = logits.subarray(i * classes, (i + 1) * classes).map((v, c) => v + bias[c]!);
    if (scores.indexOf(Math.max(...scores)) === testLabels[i]) right += 1;
  }
  return right / testLabels.length;
}

/** (x − mean)/standard deviation by column, of the rows of `x`. */
export async function standardizer(x: Features, breathe: Breathe): Promise<(x: Features) => Promise<Features>> {
  const { columns } = x;
  const total = async (term: (v: number, j: number) => number) => {
    const sums = new Float64Array(columns);
    await inPieces(rows(x), columns, breathe, (from, to) => {
      for (let i = from; i < to; i++) for (let j = 0; j < columns; j++) sums[j]! += term(x.values[i * columns + j]!, j);
    });
    return sums;
  };
  const mean = (await total((v) => v)).map((sum) => sum / rows(x));
  const squares = await total((v, j) => (v - mean[j]!) ** 2);
  const scale = squares.map((s, j) => {
    const deviation = Math.sqrt(s / rows(x));
    // A constant column leaves only its rounding errors, which must not be blown up.
    return deviation > 1e-6 * Math.max(1, Math.abs(mean[j]!)) ? 1 / deviation : 0;
  });
  return async ({ values }) => {
    const out = new Float32Array(values.length);
    await inPieces(values.length / columns, columns, breathe, (from, to) => {
      for (let i = from; i < to; i++)
        for (let j = 0; j < columns; j++) out[i * columns + j] = (values[i * columns + j]! - mean[j]!) * scale[j]!;
    });
    return { values: out, columns };
  };
}

export type Logistic = {
  /** [columns × classes]. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly loss: number;
  readonly evaluations: number;
};

/**
 * Multinomial logistic regression: minimizes −1/n Σ log softmax(xW + b)[y] + ½·0.001‖W‖² from zero by L-BFGS (10 pairs, halving line
 * search) until no slope exceeds 1e-4, scikit-learn's stopping rule, or 200 evaluations. Correlated pixels make the problem
 * ill-conditioned, so the inner Hessian is that of up to 1,000 rows S at W = 0, (1/K)·SᵀS/m + damping, inverted by Woodbury's formula
 * and scaled by the newest pair. Pixels take 72 evaluations (MNIST) and 45 (CIFAR-10); plain L-BFGS is short of the optimum after 170.
 * `seed` draws the rows of S and moves the loss by less than 1e-5 of itself.
 */
export async function fitLogistic(
  x: Features,
  labels: ArrayLike<number>,
  classes: number,
  { seed = 0, breathe = holdBreath }: { seed?: number; breathe?: Breathe } = {},
): Promise<Logistic> {
  const n = rows(x);
  const { columns } = x;
  const bad = Array.from(labels).find((y) => !(Number.isInteger(y) && y >= 0 && y < classes));
  if (bad !== undefined)
    throw new Error(`A linear probe of ${classes} classes got the label ${bad}, expected a whole number from 0 to ${classes - 1}`);
  const size = columns * classes;
  const m = Math.min(n, sketch, 2 * columns);
  const S = new Float32Array(m * columns);
  rng(seed)
    .permutation(n)
    .forEach((row, i) => {
      if (i < m) S.set(x.values.subarray(row * columns, (row + 1) * columns), i * columns);
    });
  const kept: tf.Tensor2D[] = [];
  const both = async (values: Float32Array): Promise<[tf.Tensor2D, tf.Tensor2D]> => {
    const count = values.length / columns;
    const transposed = new Float32Array(values.length);
    await inPieces(count, columns, breathe, (from, to) => transpose(values, columns, transposed, from, to));
    const pair: [tf.Tensor2D, tf.Tensor2D] = [tf.tensor2d(values, [count, columns]), tf.tensor2d(transposed, [columns, count])];
    kept.push(...pair);
    return pair;
  };
  try {
    // Transposed copies, because a transposed product is many times slower on stock wasm.
    const [X, XT] = await both(x.values);
    const [Sm, ST] = await both(S);
    const times = async (a: tf.Tensor2D, b: Float32Array): Promise<Float32Array> => {
      await breathe();
      const out = tf.tidy(() => tf.matMul(a, tf.tensor2d(b, [b.length / classes, classes])));
      const values = (await out.data()) as Float32Array;
      out.dispose();
      return values;
    };

    const objective = async (theta: Float64Array): Promise<Point> => {
      const residuals = await times(X, Float32Array.from(theta.subarray(0, size)));
      const gradient = theta.map((v, i) => (i < size ? l2 * v : 0));
      let loss = 0;
      for (let i = 0; i < size; i++) loss += 0.5 * l2 * theta[i]! ** 2;
      for (let i = 0; i < n; i++) {
        const row = residuals.subarray(i * classes, (i + 1) * classes);
        for (let c = 0; c < classes; c++) row[c]! += theta[size + c]!;
        const top = Math.max(...row);
        const logSum = top + Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
        loss += (logSum - row[labels[i]!]!) / n;
        for (let c = 0; c < classes; c++) {
          row[c] = (Math.exp(row[c]! - logSum) - (c === labels[i] ? 1 : 0)) / n;
          gradient[size + c]! += row[c]!;
        }
      }
      (await times(XT, residuals)).forEach((v, i) => {
        gradient[i]! += v;
      });
      return { theta, loss, gradient };
    };

    const gramRows = (from: number, count: number) => tf.matMul(tf.slice(Sm, [from, 0], [count, columns]), ST) as tf.Tensor2D;
    const gram = (await mapRows(m, gramRows, { batch: 128, breathe })).values;
    for (let i = 0; i < m; i++) gram[i * m + i]! += damping * m * classes;
    const solve = await choleskySolver(gram, m, breathe);
    /** q ↦ ((1/K)·SᵀS/m + damping)⁻¹ q for the weights, K·q for the bias. */
    const precondition = async (q: Float64Array): Promise<Float64Array> => {
      const inner = solve({ values: await times(Sm, Float32Array.from(q.subarray(0, size))), columns: classes });
      const back = await times(ST, inner.values);
      return q.map((v, i) => (i < size ? (v - back[i]!) / damping : v * classes));
    };

    const { theta, loss, evaluations } = await minimize(objective, precondition, new Float64Array(size + classes));
    return { weights: Float32Array.from(theta.subarray(0, size)), bias: Float32Array.from(theta.subarray(size)), loss, evaluations };
  } finally {
    tf.dispose(kept);
  }
}

type Point = { readonly theta: Float64Array; readonly loss: number; readonly gradient: Float64Array };

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const plus = (a: Float64Array, scale: number, b: Float64Array): Float64Array => a.map((v, i) => v + scale * b[i]!);

/** L-BFGS for a convex function (Nocedal & Wright, algorithm 7.4), with an inner inverse Hessian that is symmetric and positive definite. */
async function minimize(
  objective: (theta: Float64Array) => Promise<Point>,
  inverse: (q: Float64Array) => Promise<Float64Array>,
  start: Float64Array,
): Promise<Point & { evaluations: number }> {
  let at = await objective(start);
  let evaluations = 1;
  let scale = 1;
  let pairs: { s: Float64Array; y: Float64Array; sy: number }[] = [];
  while (evaluations < 200 && at.gradient.some((g) => Math.abs(g) > 1e-4)) {
    let q = at.gradient;
    const shares = pairs.toReversed().map(({ s, y, sy }) => {
      const share = dot(s, q) / sy;
      q = plus(q, -share, y);
      return share;
    });
    q = (await inverse(q)).map((v) => v * scale);
    for (const { s, y, sy } of pairs) q = plus(q, shares.pop()! - dot(y, q) / sy, s);
    const slope = dot(q, at.gradient);
    let next = at;
    for (let step = 1; step > 1e-6; step /= 2) {
      next = await objective(plus(at.theta, -step, q));
      evaluations += 1;
      if (next.loss <= at.loss - 1e-4 * step * slope) break;
    }
    // What is left is below float32's resolution of the loss.
    if (!(next.loss < at.loss)) break;
    const [s, y] = [plus(next.theta, -1, at.theta), plus(next.gradient, -1, at.gradient)];
    const sy = dot(s, y);
    if (sy > 0) {
      pairs = [...pairs, { s, y, sy }].slice(-history);
      // Curvature falls as the fit grows sure of itself; the newest pair says how far.
      scale = sy / dot(y, await inverse(y));
    }
    at = next;
  }
  return { ...at, evaluations };
}
