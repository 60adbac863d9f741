import { type BinaryNet, draw, type Estimator, exactLoss, initBinaryNet } from '../nets/stochastic-binary.ts';
import { rng } from '../ops/random.ts';
import { tidy } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import type { Still } from '../train/session.ts';
import type { Artifact } from './artifact.ts';
import { contextOf } from './grids.ts';

type Gradients = Extract<Artifact, { kind: 'gradients' }>;

/** The estimators that a method chooses among, on every small net. */
export async function gradients(session: Still): Promise<Gradients> {
  const estimators = session.method.gradientEstimators!(contextOf(session, 'gradients'));
  const draws = 2000;
  const nets: Gradients['nets'][number][] = [];
  for (const net of smallNets) {
    const errors = await gradientErrors(estimators, net, draws);
    nets.push({ name: net.name, errors: Object.entries(errors).map(([name, error]) => ({ name, ...error })) });
  }
  return { kind: 'gradients', draws, nets };
}

/** The nets on which estimators are compared: small enough that all states can be enumerated. */
export const smallNets = [
  { name: 'one hidden layer', widths: [10, 5, 4], gain: 1 },
  { name: 'one hidden layer, large weights', widths: [10, 5, 4], gain: 4 },
  { name: 'three hidden layers', widths: [10, 5, 5, 5, 4], gain: 1 },
  { name: 'three hidden layers, large weights', widths: [10, 5, 5, 5, 4], gain: 4 },
] as const;

/** Everything in units of the exact gradient's norm. `noise`: the standard error of the measured bias. */
export type GradientError = { readonly bias: number; readonly deviation: number; readonly noise: number };

type Estimators = Readonly<Record<string, { readonly estimate: Estimator; readonly relaxed?: number }>>;

/**
 * How far the mean of an estimator lies from the exact gradient of the expected loss in all hidden weights (bias), and how much single
 * estimates vary (deviation: the root of the summed variances), over `draws` draws at one input; both divided by the exact gradient's norm.
 */
export async function gradientErrors(
  estimators: Estimators,
  { widths, gain }: { readonly widths: readonly number[]; readonly gain: number },
  draws: number,
): Promise<Record<string, GradientError>> {
  const stream = rng(0).split('gradient errors', ...widths);
  const found: Record<string, GradientError> = {};
  const kept = tidy(() => {
    const net = initBinaryNet(widths, stream.split('net'), gain);
    const input = tf.sub(tf.mul(2, tf.round(stream.split('input').uniforms<tf.Rank.R2>([1, widths[0]!]))), 1) as tf.Tensor2D;
    const y = tf.oneHot(tf.tensor1d([0], 'int32'), widths.at(-1)!) as tf.Tensor2D;
    const exact = tf.grads((...ws: tf.Tensor[]) => exactLoss(withWeights(net, ws as tf.Tensor2D[]), input, y))(
      net.hidden.map(({ w }) => w),
    );
    const loss = exactLoss(net, input, y);
    return { net, input, y, exact, loss };
  });
  const norm = Math.sqrt(await total(kept.exact.map((g) => tf.tidy(() => tf.sum(tf.square(g))))));
  for (const [name, { estimate, relaxed }] of Object.entries(estimators)) {
    const sums = tf.tidy(() => {
      const { net, exact, loss } = kept;
      const rows = [kept.input, kept.y].map((row) => tf.mul(tf.ones([draws, 1]), row)) as [tf.Tensor2D, tf.Tensor2D];
      const drawn = draw(net, rows[0], stream.split('draw', name), relaxed);
      const g = estimate(net, drawn, rows[1], stream.split('estimate', name), loss);
      // A row's gradient in w is the outer product of its input and g.
      const means = g.map((each, l) => tf.div(tf.matMul(drawn.inputs[l]!, each, true), draws));
      const squares = g.map((each, l) => tf.mean(tf.mul(tf.sum(tf.square(each), 1), tf.sum(tf.square(drawn.inputs[l]!), 1))));
      return {
        bias: means.map((mean, l) => tf.sum(tf.square(tf.sub(mean, exact[l]!)))),
        square: squares,
        mean: means.map((mean) => tf.sum(tf.square(mean))),
      };
    });
    const [bias, square, mean] = [await total(sums.bias), await total(sums.square), await total(sums.mean)];
    const deviation = Math.sqrt(Math.max(0, square - mean)) / norm;
    found[name] = { bias: Math.sqrt(bias) / norm, deviation, noise: deviation / Math.sqrt(draws) };
  }
  tf.dispose(kept as unknown as tf.TensorContainer);
  return found;
}

const withWeights = ({ hidden, out }: BinaryNet, ws: readonly tf.Tensor2D[]): BinaryNet => ({
  hidden: hidden.map(({ b }, l) => ({ w: ws[l]!, b })),
  out,
});

async function total(scalars: readonly tf.Tensor[]): Promise<number> {
  let sum = 0;
  for (const each of scalars) {
    sum += (await each.data())[0]!;
    each.dispose();
  }
  return sum;
}
