import { beforeAll, describe, expect, test } from 'vitest';
import type { ImageShape } from '../../src/data/dataset.ts';
import { affine, flips, windows } from '../../src/nets/binary-layers.ts';
import type { Conv } from '../../src/nets/layers.ts';
import {
  arm,
  type BinaryNet,
  type Draw,
  draw,
  type Estimator,
  exactLoss,
  gumbelSoftmax,
  identityStraightThrough,
  initConvolutionalNet,
  psa,
  reinforce,
  straightThrough,
  surrogate,
} from '../../src/nets/stochastic-binary.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';
import { distance, expected, type Plain, paths, slopes } from './binary-nets.ts';

beforeAll(loadBackends);
const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);

type Size = readonly [number, number];
const halved = ([h, w]: Size): Size => [Math.ceil(h / 2), Math.ceil(w / 2)];
/** Rows or columns of zeros before the first, where windows of k go in steps of 2 over n of them. */
const before = (n: number, k: number) => Math.floor(Math.max(0, 2 * (Math.ceil(n / 2) - 1) + k - n) / 2);

/** Which number of the filter [k, k, in, out] joins the units of the layer below to those of the layer, or −1: a dense layer's [n][m]. */
function ties([h, w]: Size, size: number, inputs: number, outputs: number): number[][] {
  const [oh, ow] = halved([h, w]);
  return Array.from({ length: h * w * inputs }, (_, i) => {
    const [p, q, c] = [Math.floor(i / inputs / w), Math.floor(i / inputs) % w, i % inputs];
    return Array.from({ length: oh * ow * outputs }, (_, j) => {
      const [above, left] = [Math.floor(j / outputs / ow), Math.floor(j / outputs) % ow];
      const [u, v] = [p - 2 * above + before(h, size), q - 2 * left + before(w, size)];
      return u < 0 || v < 0 || u >= size || v >= size ? -1 : ((u * size + v) * inputs + c) * outputs + (j % outputs);
    });
  });
}

type Small = {
  readonly shape: ImageShape;
  /** The numbers of the filters, biases, readout. */
  readonly filters: { readonly w: number[]; readonly b: number[]; readonly size: number; readonly inputs: number; readonly at: Size }[];
  readonly out: Plain[number];
  readonly input: number[];
  readonly y: number[];
};

/** A convolutional net with random weights and biases. */
function netOf(shape: ImageShape, channels: readonly number[], classes = 3, gain = 2): Small {
  const normals = (count: number, scale: number, ...path: (string | number)[]) => {
    const stream = rng(11).split(...path);
    return Array.from({ length: count }, () => scale * stream.normal());
  };
  let at: Size = [shape[0], shape[1]];
  const filters = channels.map((m, l) => {
    const inputs = channels[l - 1] ?? shape[2];
    const size = l === 0 ? 5 : 3;
    const seen = size * size * inputs;
    const filter = { w: normals(seen * m, gain / Math.sqrt(seen), 'w', l), b: normals(m, 0.5, 'b', l), size, inputs, at };
    at = halved(at);
    return filter;
  });
  const units = at[0] * at[1] * channels.at(-1)!;
  const out = {
    w: Array.from({ length: units }, (_, i) => normals(classes, gain / Math.sqrt(units), 'out', i)),
    b: normals(classes, 0.5, 'out'),
  };
  const input = normals(shape[0] * shape[1] * shape[2], 1, 'input');
  return { shape, filters, out, input, y: Array.from({ length: classes }, (_, k) => (k === 1 ? 1 : 0)) };
}

const readout = ({ out }: Small) => ({ w: tf.tensor2d(out.w), b: tf.tensor1d(out.b) });
const convolutional = (small: Small): BinaryNet => ({
  hidden: small.filters.map(({ w, b, size, inputs }) => ({ w: tf.tensor4d(w, [size, size, inputs, b.length]), b: tf.tensor1d(b) })),
  out: readout(small),
});
/** The same net with every layer written out as a dense one. */
const written = ({ filters, out }: Small): Plain => [
  ...filters.map(({ w, b, size, inputs, at }) => {
    const places = halved(at)[0] * halved(at)[1];
    return {
      w: ties(at, size, inputs, b.length).map((row) => row.map((k) => (k < 0 ? 0 : w[k]!))),
      b: Array.from({ length: places * b.length }, (_, j) => b[j % b.length]!),
    };
  }),
  out,
];
const dense = (small: Small): BinaryNet => {
  const layers = written(small).map(({ w, b }) => ({ w: tf.tensor2d(w), b: tf.tensor1d(b) }));
  return { hidden: layers.slice(0, -1), out: layers.at(-1)! };
};
const images = ({ shape, input }: Small, rows: number) => tf.tile(tf.tensor4d(input, [1, ...shape]), [rows, 1, 1, 1]);
const labels = ({ y }: Small, rows: number) => tf.tile(tf.tensor2d([y]), [rows, 1]) as tf.Tensor2D;

const estimators: Record<string, { estimate: Estimator; relaxed?: number }> = {
  psa: { estimate: psa },
  'straight-through': { estimate: straightThrough },
  identity: { estimate: identityStraightThrough },
  reinforce: { estimate: reinforce },
  arm: { estimate: arm },
  'gumbel-softmax': { estimate: gumbelSoftmax(0.7), relaxed: 0.7 },
};

describe('a convolution and the dense layer whose weights it ties', () => {
  // An odd height, an even one, two channels and more, windows that overlap and windows that reach past the border.
  const small = netOf([7, 6, 2], [3, 4, 2]);
  const rows = 5;

  test.each(Object.entries(estimators))('have the same draws, estimates and gradients by %s', async (_, { estimate, relaxed }) => {
    const of = (build: (small: Small) => BinaryNet) =>
      onWasm(() => {
        const net = build(small);
        const x = tf.mul(images(small, rows), rng(8).normals([rows, 1, 1, 1]));
        const y = tf.oneHot(tf.tensor1d([0, 1, 2, 1, 0], 'int32'), 3) as tf.Tensor2D;
        const drawn = draw(net, x, rng(1), relaxed);
        const g = estimate(net, drawn, y, rng(2), tf.scalar(0.7));
        const layers = (ws: tf.Tensor[], bs: tf.Tensor[]) => ws.map((w, l) => ({ w, b: bs[l]! })) as unknown as BinaryNet['hidden'];
        const objective = (...each: tf.Tensor[]) =>
          surrogate(draw({ ...net, hidden: layers(each.slice(0, 3), each.slice(3)) }, x, rng(1), relaxed), g, y);
        const slopes = tf.grads(objective)([...net.hidden.map(({ w }) => w), ...net.hidden.map(({ b }) => b)]);
        return [...drawn.x, ...g, ...slopes];
      });
    const [conv, full] = [await of(convolutional), await of(dense)];
    for (let l = 0; l < 6; l++) expectClose(conv[l]!, full[l]!, { rtol: 1e-4, atol: 1e-6 });
    // The gradient of what is tied is the sum of the gradients of what it is tied to.
    small.filters.forEach(({ w, b, size, inputs, at }, l) => {
      const [byWeight, byBias] = [w.map(() => 0), b.map(() => 0)];
      const columns = full[9 + l]!.length;
      ties(at, size, inputs, b.length).forEach((row, i) => {
        row.forEach((k, j) => {
          if (k >= 0) byWeight[k]! += full[6 + l]![i * columns + j]!;
        });
      });
      full[9 + l]!.forEach((value, j) => {
        byBias[j % b.length]! += value;
      });
      expect(Math.hypot(...byWeight)).toBeGreaterThan(1e-3);
      expectClose(conv[6 + l]!, byWeight, { rtol: 1e-4, atol: 2e-6 });
      expectClose(conv[9 + l]!, byBias, { rtol: 1e-4, atol: 2e-6 });
    });
  });
});

/** ∂E[loss] in the numbers of every filter, by central differences of the plain sum over all paths. */
const exactGradient = (small: Small): number[] =>
  small.filters.flatMap(({ w }) => slopes([w], () => expected(written(small), small.input, small.y)));

/** Each row's gradient in every filter, [N, k·k·in, out]. */
const byRow = (net: BinaryNet, drawn: Draw, g: readonly tf.Tensor[]): tf.Tensor3D[] =>
  g.map((each, l) => {
    const [rows, m] = [each.shape[0]!, each.shape[3]!];
    const seen = windows(drawn.inputs[l]!, net.hidden[l]!);
    return tf.matMul(tf.reshape(seen, [rows, -1, seen.shape[1]]), tf.reshape(each, [rows, -1, m]), true) as tf.Tensor3D;
  });

/** The exact mean of an estimator's gradient: every joint state, each with its probability. */
async function meanOf(estimate: Estimator, small: Small): Promise<number[]> {
  const found = await onWasm(() => {
    const net = convolutional(small);
    const all = paths(written(small), small.input);
    const x = small.filters.map(({ at, b }, l) =>
      tf.tensor4d(
        all.flatMap(({ states }) => states[l]!),
        [all.length, ...halved(at), b.length],
      ),
    );
    const inputs = [images(small, all.length), ...x.slice(0, -1)];
    const a = inputs.map((each, l) => affine(each, net.hidden[l]!));
    const drawn = { inputs, a, x, logits: affine(x.at(-1)!, net.out) as tf.Tensor2D };
    const g = estimate(net, drawn, labels(small, all.length), rng(5), tf.scalar(0.7));
    const p = tf.tensor3d(all.map(({ p }) => [[p]]));
    return byRow(net, drawn, g).map((each) => tf.sum(tf.mul(each, p), 0));
  });
  return found.flat();
}

test('exactLoss is the plain sum over all paths, and its gradient that of the sum', async () => {
  const small = netOf([6, 4, 1], [1, 2]);
  const [value, ...gradient] = await onWasm(() => {
    const net = convolutional(small);
    const f = (...ws: tf.Tensor[]) =>
      exactLoss({ ...net, hidden: net.hidden.map(({ b }, l) => ({ w: ws[l] as tf.Tensor4D, b })) }, images(small, 1), labels(small, 1));
    const ws = net.hidden.map(({ w }) => w);
    return [f(...ws), ...tf.grads(f)(ws)];
  });
  expectClose(value!, [expected(written(small), small.input, small.y)]);
  expectClose(gradient.flat(), exactGradient(small), { rtol: 1e-3, atol: 1e-5 });
});

describe('the mean over all states, each with its probability', () => {
  test.each([
    ['PSA with one convolution', psa, [4, 4, 1], [2]],
    ['PSA with one convolution over two channels', psa, [5, 3, 2], [1]],
    ['PSA where no two units can flip together above', psa, [4, 4, 1], [2, 1]],
    ['REINFORCE with two convolutions', reinforce, [6, 4, 1], [1, 2]],
  ] as const)('of %s is the exact gradient', async (_, estimate, shape, channels) => {
    const small = netOf(shape, channels);
    const exact = exactGradient(small);
    expect(Math.hypot(...exact)).toBeGreaterThan(0.05);
    expectClose(await meanOf(estimate, small), exact, { rtol: 1e-3, atol: 2e-5 });
  });

  test('of PSA with two convolutions is nearly the exact gradient; straight-through is farther off, its rule of thumb farther still', async () => {
    const small = netOf([6, 4, 1], [1, 2]);
    const exact = exactGradient(small);
    const of = async (estimate: Estimator) => distance(await meanOf(estimate, small), exact);
    const [analytic, linear, identity] = [await of(psa), await of(straightThrough), await of(identityStraightThrough)];
    expect(analytic).toBeLessThan(0.08);
    expect(linear).toBeGreaterThan(2 * analytic);
    expect(identity).toBeGreaterThan(2 * linear);
  });
});

test('ARM is unbiased: its mean over many draws is the exact gradient within five standard errors', async () => {
  const small = netOf([4, 4, 1], [1, 2]);
  const rows = 40_000;
  const found = await onWasm(() => {
    const net = convolutional(small);
    const drawn = draw(net, images(small, rows), rng(2));
    const each = byRow(net, drawn, arm(net, drawn, labels(small, rows), rng(3), tf.scalar(0)));
    return each.flatMap((g) => [tf.mean(g, 0), tf.sqrt(tf.div(tf.mean(tf.square(g), 0), rows))]);
  });
  const [means, errors] = [[found[0]!, found[2]!].flat(), [found[1]!, found[3]!].flat()];
  const exact = exactGradient(small);
  means.forEach((mean, i) => {
    expect(Math.abs(mean - exact[i]!)).toBeLessThan(5 * errors[i]! + 1e-6);
  });
  expect(distance(means, exact)).toBeLessThan(0.1);
});

test('flips of more numbers than fit in one part are those of each part', async () => {
  const [rows, n, m] = [70, 250, 300];
  const [found, wanted] = await onWasm(() => {
    const [x, a, w] = [tf.sign(rng(1).normals([rows, n])), rng(2).normals([rows, m]), rng(3).normals<tf.Rank.R2>([n, m])];
    const sums = flips(x, a, { w, b: tf.zeros([m]) }, (flipped) => tf.sum(flipped, 2));
    return [sums, tf.sub(tf.sum(a, 1, true), tf.mul(2, tf.mul(x, tf.sum(w, 1))))];
  });
  expectClose(found!, wanted!, { rtol: 1e-4, atol: 1e-4 });
});

test('initial filters have the variance of Glorot and Bengio, times the gain; maps halve', async () => {
  const [w, out] = await onWasm(() => {
    const net = initConvolutionalNet([9, 8, 20], [30, 10], 5, rng(1), 3);
    return [(net.hidden[0] as Conv).w, net.out.w];
  });
  expectClose([w!.reduce((sum, v) => sum + v * v, 0) / w!.length], [(9 * 2) / (25 * 50)], { rtol: 0.05 });
  expect(out).toHaveLength(3 * 2 * 10 * 5);
});
