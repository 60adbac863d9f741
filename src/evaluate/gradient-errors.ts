import { type Layer, windows } from '../nets/binary-layers.ts';
import { type BinaryNet, draw, type Estimator, exactLoss, initBinaryNet, initConvolutionalNet } from '../nets/stochastic-binary.ts';
import { type Rng, rng } from '../ops/random.ts';
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

/** A net whose states can all be enumerated; `shape` of its input, `key` of its random numbers. */
type SmallNet = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly key: readonly (string | number)[];
  readonly init: (rng: Rng) => BinaryNet;
};

const classes = 4;
const dense = (name: string, layers: number, gain: number): SmallNet => {
  const widths = [10, ...Array<number>(layers).fill(5), classes];
  return { name, shape: [10], key: widths, init: (rng) => initBinaryNet(widths, rng, gain) };
};
/** 4 × 2 units below 2 × 1 of two channels. */
const convolutional = (name: string, gain: number): SmallNet => ({
  name,
  shape: [8, 4, 1],
  key: ['convolutional'],
  init: (rng) => initConvolutionalNet([8, 4, 1], [1, 2], classes, rng, gain),
});

const smallNets = [
  dense('one hidden layer', 1, 1),
  dense('one hidden layer, large weights', 1, 4),
  dense('three hidden layers', 3, 1),
  dense('three hidden layers, large weights', 3, 4),
  convolutional('two convolutions', 1),
  convolutional('two convolutions, large weights', 4),
];

/** Everything in units of the exact gradient's norm. `noise`: the standard error of the measured bias. */
export type GradientError = { readonly bias: number; readonly deviation: number; readonly noise: number };

type Estimators = Readonly<Record<string, { readonly estimate: Estimator; readonly relaxed?: number }>>;

/**
 * How far the mean of an estimator lies from the exact gradient of the expected loss in all hidden weights (bias), and how much single
 * estimates vary (deviation: the root of the summed variances), over `draws` draws at one input; both divided by the exact gradient's norm.
 */
async function gradientErrors(
  estimators: Estimators,
  { shape, key, init }: SmallNet,
  draws: number,
): Promise<Record<string, GradientError>> {
  const stream = rng(0).split('gradient errors', ...key);
  const found: Record<string, GradientError> = {};
  const kept = tidy(() => {
    const net = init(stream.split('net'));
    const input = tf.sub(tf.mul(2, tf.round(stream.split('input').uniforms([1, ...shape]))), 1);
    const y = tf.oneHot(tf.tensor1d([0], 'int32'), classes) as tf.Tensor2D;
    const exact = tf.grads((...ws: tf.Tensor[]) => exactLoss(withWeights(net, ws), input, y))(net.hidden.map(({ w }) => w));
    const loss = exactLoss(net, input, y);
    return { net, input, y, exact, loss };
  });
  const norm = Math.sqrt(await total(kept.exact.map((g) => tf.tidy(() => tf.sum(tf.square(g))))));
  for (const [name, { estimate, relaxed }] of Object.entries(estimators)) {
    const sums = tf.tidy(() => {
      const { net, exact, loss } = kept;
      const rows = [kept.input, kept.y].map((row) => tf.mul(tf.ones([draws, ...row.shape.slice(1)]), row)) as [tf.Tensor, tf.Tensor2D];
      const drawn = draw(net, rows[0], stream.split('draw', name), relaxed);
      const g = estimate(net, drawn, rows[1], stream.split('estimate', name), loss);
      const each = g.map((of, l) => weightGradients(drawn.inputs[l]!, of, net.hidden[l]!));
      const means = each.map((of) => tf.mean(of, 0));
      return {
        bias: means.map((mean, l) => tf.sum(tf.square(tf.sub(mean, tf.reshape(exact[l]!, mean.shape))))),
        square: each.map((of) => tf.mean(tf.sum(tf.square(of), [1, 2]))),
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

const withWeights = ({ hidden, out }: BinaryNet, ws: readonly tf.Tensor[]): BinaryNet => ({
  hidden: hidden.map(({ b }, l) => ({ w: ws[l]!, b }) as Layer),
  out,
});

/** The gradient in the weights of each draw, [N, inputs of a unit, units or channels]: what a unit sees times its g, summed over places. */
function weightGradients(inputs: tf.Tensor, g: tf.Tensor, layer: Layer): tf.Tensor {
  const seen = windows(inputs, layer);
  const [draws, n, m] = [g.shape[0]!, seen.shape[1], layer.b.size];
  return tf.matMul(tf.reshape(seen, [draws, -1, n]), tf.reshape(g, [draws, -1, m]), true);
}

async function total(scalars: readonly tf.Tensor[]): Promise<number> {
  let sum = 0;
  for (const each of scalars) {
    sum += (await each.data())[0]!;
    each.dispose();
  }
  return sum;
}
