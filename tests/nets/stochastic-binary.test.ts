import { beforeAll, describe, expect, test } from 'vitest';
import {
  arm,
  type BinaryNet,
  type Draw,
  draw,
  type Estimator,
  exactLoss,
  gumbelSoftmax,
  identityStraightThrough,
  initBinaryNet,
  psa,
  reinforce,
  rowLoss,
  straightThrough,
  surrogate,
} from '../../src/nets/stochastic-binary.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';
import { distance, expected, F, type Plain, paths, pre, signs, slopes } from './binary-nets.ts';

beforeAll(loadBackends);
const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);

/** A net with random weights and biases, as tensors and as plain numbers. */
async function netOf(widths: number[], gain = 2): Promise<{ net: () => BinaryNet; plain: Plain; input: number[]; y: number[] }> {
  const values = widths.slice(1).map((m, l) => {
    const stream = rng(11).split('net', l);
    const w = Array.from({ length: widths[l]! }, () => Array.from({ length: m }, () => (gain * stream.normal()) / Math.sqrt(widths[l]!)));
    return { w, b: Array.from({ length: m }, () => 0.5 * stream.normal()) };
  });
  const layers = () => values.map(({ w, b }) => ({ w: tf.tensor2d(w), b: tf.tensor1d(b) }));
  const net = () => ({ hidden: layers().slice(0, -1), out: layers().at(-1)! });
  const input = Array.from({ length: widths[0]! }, (_, i) => (i % 3 ? 1 : -1));
  return { net, plain: values, input, y: Array.from({ length: widths.at(-1)! }, (_, k) => (k === 1 ? 1 : 0)) };
}

/** ∂E[loss]/∂w of every hidden layer by central differences of that sum. */
function exactGradient({ plain, input, y }: { plain: Plain; input: number[]; y: number[] }): number[] {
  return plain.slice(0, -1).flatMap(({ w }) => slopes(w, () => expected(plain, input, y)));
}

/** Every joint state of the hidden layers with its probability, as one batch: the mean of an estimator over it is exact. */
function enumerated(net: BinaryNet, plain: Plain, input: number[]): { drawn: Draw; p: tf.Tensor2D; rows: number } {
  const all = paths(plain, input);
  const x = plain.slice(0, -1).map((_, l) => tf.tensor2d(all.map(({ states }) => states[l]!)));
  const inputs = [tf.tile(tf.tensor2d([input]), [all.length, 1]) as tf.Tensor2D, ...x.slice(0, -1)];
  const a = inputs.map((each, l) => tf.add(tf.matMul(each, net.hidden[l]!.w), net.hidden[l]!.b) as tf.Tensor2D);
  const logits = tf.add(tf.matMul(x.at(-1)!, net.out.w), net.out.b) as tf.Tensor2D;
  return { drawn: { inputs, a, x, logits }, p: tf.tensor2d(all.map(({ p }) => [p])), rows: all.length };
}

/** The exact mean of an estimator's gradient in the hidden weights. */
async function meanOf(
  estimator: Estimator,
  { net, plain, input, y }: Awaited<ReturnType<typeof netOf>>,
  baseline = 0.7,
): Promise<number[]> {
  const found = await onWasm(() => {
    const at = net();
    const { drawn, p, rows } = enumerated(at, plain, input);
    const g = estimator(at, drawn, tf.tile(tf.tensor2d([y]), [rows, 1]) as tf.Tensor2D, rng(5), tf.scalar(baseline));
    return g.map((each, l) => tf.matMul(drawn.inputs[l]!, tf.mul(each, p), true));
  });
  return found.flat();
}

test('exactLoss is the plain sum over all paths, and its gradient that of the sum', async () => {
  const small = await netOf([3, 3, 2, 3]);
  const [value, ...gradient] = await onWasm(() => {
    const net = small.net();
    const f = (...ws: tf.Tensor[]) =>
      exactLoss(
        { ...net, hidden: net.hidden.map(({ b }, l) => ({ w: ws[l] as tf.Tensor2D, b })) },
        tf.tensor2d([small.input]),
        tf.tensor2d([small.y]),
      );
    const ws = net.hidden.map(({ w }) => w);
    return [f(...ws), ...tf.grads(f)(ws)];
  });
  expectClose(value!, [expected(small.plain, small.input, small.y)]);
  expectClose(gradient.flat(), exactGradient(small), { rtol: 1e-4, atol: 1e-6 });
});

describe('the mean over all states, each with its probability', () => {
  test.each([
    ['PSA with one hidden layer', psa, [4, 5, 3]],
    ['PSA where no two units can flip together above', psa, [3, 4, 1, 2]],
    ['REINFORCE at any depth, whatever its baseline', reinforce, [3, 3, 2, 3]],
  ] as const)('of %s is the exact gradient', async (_, estimator, widths) => {
    const small = await netOf([...widths]);
    const exact = exactGradient(small);
    expect(Math.hypot(...exact)).toBeGreaterThan(0.05);
    expectClose(await meanOf(estimator, small), exact, { rtol: 1e-3, atol: 2e-5 });
  });

  test('of PSA in a deep net is nearly the exact gradient; straight-through is farther off, its rule of thumb farther still', async () => {
    const small = await netOf([3, 4, 4, 3]);
    const exact = exactGradient(small);
    const of = async (estimator: Estimator) => distance(await meanOf(estimator, small), exact);
    const [analytic, linear, identity] = [await of(psa), await of(straightThrough), await of(identityStraightThrough)];
    expect(analytic).toBeLessThan(0.08);
    expect(linear).toBeGreaterThan(2 * analytic);
    expect(identity).toBeGreaterThan(2 * linear);
  });

  test('of straight-through nears PSA as weights shrink, which is when linearizing is right', async () => {
    const apart = async (gain: number) => {
      const small = await netOf([3, 4, 4, 3], gain);
      for (const layer of small.plain) layer.b.fill(0);
      return distance(await meanOf(straightThrough, small), await meanOf(psa, small));
    };
    expect(await apart(0.05)).toBeLessThan(0.02);
    expect(await apart(2)).toBeGreaterThan(0.2);
  });
});

/** A batch of one input many times over. */
const many = (input: number[], rows: number) => tf.tile(tf.tensor2d([input]), [rows, 1]) as tf.Tensor2D;

test('states are +1 as often as F(a) says, layer on layer; relaxed ones have the same signs', async () => {
  const small = await netOf([3, 2, 2, 2]);
  const rows = 20_000;
  const [first, second, relaxed] = await onWasm(() => {
    const binary = draw(small.net(), many(small.input, rows), rng(1));
    const soft = draw(small.net(), many(small.input, rows), rng(1), 0.3);
    return [...binary.x.map((x) => tf.mean(x, 0)), tf.mean(tf.sign(soft.x[0]!), 0)];
  });
  const a = pre(small.input, small.plain[0]!);
  const p1 = signs(2).map((s) => s.reduce((p, sj, j) => p * F(sj * a[j]!), 1));
  const above = signs(2).map((s) => pre(s, small.plain[1]!).map((b) => 2 * F(b) - 1));
  const means = [0, 1].map((j) => p1.reduce((sum, p, s) => sum + p * above[s]![j]!, 0));
  const four = { rtol: 0, atol: 4 / Math.sqrt(rows) };
  expectClose(
    first!,
    a.map((each) => 2 * F(each) - 1),
    four,
  );
  expectClose(second!, means, four);
  expectClose(
    relaxed!,
    a.map((each) => 2 * F(each) - 1),
    four,
  );
});

test('ARM is unbiased: its mean over many draws is the exact gradient within five standard errors', async () => {
  const small = await netOf([3, 3, 2, 3]);
  const rows = 100_000;
  const exact = exactGradient(small);
  const found = await onWasm(() => {
    const net = small.net();
    const drawn = draw(net, many(small.input, rows), rng(2));
    const g = arm(net, drawn, many(small.y, rows), rng(3), tf.scalar(0));
    return g.flatMap((each, l) => [
      tf.div(tf.matMul(drawn.inputs[l]!, each, true), rows),
      tf.sqrt(tf.div(tf.matMul(tf.square(drawn.inputs[l]!), tf.square(each), true), rows * rows)),
    ]);
  });
  const [means, errors] = [[found[0]!, found[2]!].flat(), [found[1]!, found[3]!].flat()];
  means.forEach((mean, i) => {
    expect(Math.abs(mean - exact[i]!)).toBeLessThan(5 * errors[i]!);
  });
  expect(distance(means, exact)).toBeLessThan(0.1);
});

test('Gumbel-softmax is the derivative of the relaxed net: central differences of its loss along the drawn noise', async () => {
  const small = await netOf([3, 3, 2, 3]);
  const tau = 0.7;
  const lossAt = async () =>
    (await onWasm(() => rowLoss(draw(small.net(), many(small.input, 1), rng(4), tau).logits, tf.tensor2d([small.y]))))[0]![0]!;
  const [g] = await onWasm(() => {
    const net = small.net();
    return gumbelSoftmax(tau)(net, draw(net, many(small.input, 1), rng(4), tau), tf.tensor2d([small.y]), rng(0), tf.scalar(0));
  });
  // ∂/∂b of the lowest layer is ∂/∂a itself.
  const { b } = small.plain[0]!;
  for (const [j, value] of [...b.entries()]) {
    b[j] = value + 1e-2;
    const high = await lossAt();
    b[j] = value - 1e-2;
    const low = await lossAt();
    b[j] = value;
    expectClose([(high - low) / 2e-2], [g![j]!], { rtol: 2e-2, atol: 1e-4 });
  }
});

test('the surrogate has the loss of the draw for its value, the estimates for its gradient, and the readout’s own', async () => {
  const small = await netOf([3, 3, 2, 3]);
  const rows = 4;
  const [value, wanted, ...gradients] = await onWasm(() => {
    const net = small.net();
    const y = many(small.y, rows);
    const forward = (...ws: tf.Tensor[]) => {
      const at = { hidden: net.hidden.map(({ b }, l) => ({ w: ws[l] as tf.Tensor2D, b })), out: { ...net.out, w: ws[2] as tf.Tensor2D } };
      const drawn = draw(at, many(small.input, rows), rng(6));
      return surrogate(drawn, psa(at, drawn, y, rng(0), tf.scalar(0)), y);
    };
    const ws = [...net.hidden.map(({ w }) => w), net.out.w];
    const drawn = draw(net, many(small.input, rows), rng(6));
    const g = psa(net, drawn, y, rng(0), tf.scalar(0));
    const top = tf.div(tf.matMul(drawn.x[1]!, tf.sub(tf.softmax(drawn.logits), y), true), rows);
    const estimates = [...g.map((each, l) => tf.div(tf.matMul(drawn.inputs[l]!, each, true), rows)), top];
    return [forward(...ws), tf.mean(rowLoss(drawn.logits, y)), ...tf.grads(forward)(ws), ...estimates];
  });
  expectClose(value!, wanted!);
  for (const l of [0, 1, 2]) expectClose(gradients[l]!, gradients[l + 3]!, { rtol: 1e-4, atol: 1e-6 });
});

test('initial weights have the variance of Glorot and Bengio, times the gain', async () => {
  const [w] = await onWasm(() => [initBinaryNet([200, 100, 10], rng(1), 3).hidden[0]!.w]);
  const variance = w!.reduce((sum, v) => sum + v * v, 0) / w!.length;
  expectClose([variance], [(9 * 2) / 300], { rtol: 0.03 });
});
