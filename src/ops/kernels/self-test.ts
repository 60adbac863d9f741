import * as tf from '../../tf.ts';
import { adam } from '../adam.ts';
import { pairCrossEntropy } from '../contrast.ts';
import { conv2d, dense } from '../fused.ts';
import { tidy } from '../tree.ts';

/** Loss, then Σᵢ gᵢ cos i of each parameter's gradient: float64 numbers of scripts/golden/self-test.py. */
const expected = [1.67697219, 0.00444812, 0.14832133, -0.00795478, 0.06861471, 0.05572667, 0.06122743];
const names = ['the loss', 'a first filter', 'a first bias', 'a second filter', 'a second bias', 'a weight matrix', 'a last bias'];
/** Float32 gives 1e-6; half precision, wrong shaders and lost gradients miss this by far. */
const tolerance = 1e-4;

const values = <R extends tf.Rank>(shape: tf.ShapeMap[R], phase: number): tf.Tensor<R> => {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => 0.5 * Math.sin(phase + i)),
    shape,
  );
};

const loss = (w1: tf.Tensor, b1: tf.Tensor, w2: tf.Tensor, b2: tf.Tensor, w3: tf.Tensor, b3: tf.Tensor) => {
  const x = values<tf.Rank.R4>([2, 6, 6, 2], 1);
  const h = conv2d(x, w1 as tf.Tensor4D, b1 as tf.Tensor1D, { activation: 'relu', input: 'data' });
  const g = conv2d(h, w2 as tf.Tensor4D, b2 as tf.Tensor1D, { stride: 2, activation: 'relu' });
  const y = dense(tf.reshape(g, [2, 27]), w3 as tf.Tensor2D, b3 as tf.Tensor1D);
  return tf.mean(tf.logSumExp(y, 1)) as tf.Scalar;
};

/** Adam's first step moves by the learning rate against the gradient; equal similarities have a known cross-entropy and slope. */
const closedForms = (): readonly { readonly what: string; readonly found: tf.Tensor; readonly expected: readonly number[] }[] => {
  const optimizer = adam();
  const params = [tf.tensor2d([1, 2, 3], [3, 1]), tf.tensor1d([4, 5])];
  const { params: moved } = optimizer.update(
    params,
    [tf.tensor2d([9, -1, 4], [3, 1]), tf.tensor1d([-2, 5])],
    optimizer.init(params),
    0.1,
    0,
  );
  const similarities = tf.ones<tf.Rank.R2>([4, 4]);
  const slopes = tf.grad((s) => tf.sum(pairCrossEntropy(s as tf.Tensor2D, 0.5)))(similarities);
  return [
    { what: 'a step of Adam', found: tf.concat(moved.map((p) => tf.reshape(p, [-1]))), expected: [0.9, 2.1, 2.9, 4.1, 4.9] },
    { what: 'a contrastive loss', found: pairCrossEntropy(similarities, 0.5), expected: Array(4).fill(Math.log(3)) },
    { what: 'its gradient', found: tf.slice(tf.reshape(slopes, [-1]), 0, 4), expected: [0, 2 / 3, -4 / 3, 2 / 3] },
  ];
};

/** Trains one tiny net and compares with stored numbers: `null`, or what the current backend computes wrongly. */
export async function selfTest(): Promise<string | null> {
  const out = tf.tidy(() => {
    const params = [values([3, 3, 2, 4], 2), values([4], 3), values([3, 3, 4, 3], 4), values([3], 5), values([27, 5], 6), values([5], 7)];
    const { value, grads } = tf.valueAndGrads(loss as (...args: tf.Tensor[]) => tf.Scalar)(params);
    return [value, ...grads];
  });
  const known = tidy(closedForms);
  try {
    for (const [i, t] of out.entries()) {
      const numbers = await t.data();
      const digest = i === 0 ? numbers[0]! : Array.from(numbers).reduce((sum, g, j) => sum + g * Math.cos(j), 0);
      if (!(Math.abs(digest - expected[i]!) < tolerance)) {
        return `${i === 0 ? names[0] : `the gradient of ${names[i]}`} of a test net came out as ${digest}, expected ${expected[i]}`;
      }
    }
    for (const { what, found, expected } of known) {
      const numbers = await found.data();
      if (!expected.every((value, i) => Math.abs(numbers[i]! - value) < tolerance)) {
        return `${what} came out as ${Array.from(numbers)}, expected ${expected}`;
      }
    }
    return null;
  } finally {
    tf.dispose([...out, ...known.map(({ found }) => found)]);
  }
}
