import { beforeAll, describe, expect, test } from 'vitest';
import { stack } from '../../src/nets/transforms/index.ts';
import { logNormal, perRow } from '../../src/nets/transforms/transform.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';
import { randomized } from '../randomized.ts';

beforeAll(loadBackends);

const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);
const mean = (values: number[]) => values.reduce((a, v) => a + v, 0) / values.length;
const normals = (seed: number, shape: readonly number[]) => rng(seed).normals(shape as [number]);
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** A stack on sets of K points with random weights. */
function random(text: string, k: number, size = 0.2) {
  const flow = stack(text, [k, 2], 8);
  const weights = randomized(flow.init(rng(5)), size);
  const forward = (x: tf.Tensor, seed = 1) => {
    const { z, contribution } = flow.forward(weights, x, rng(seed));
    return { z, contribution: tf.add(tf.zeros([x.shape[0]!]), contribution) };
  };
  return {
    forward,
    inverse: (z: tf.Tensor, seed = 2) => flow.inverse(weights, z, rng(seed)),
    logProb: (x: tf.Tensor, seed = 1) => {
      const { z, contribution } = forward(x, seed);
      return tf.add(perRow(logNormal(z)), contribution);
    },
  };
}

/** One set of three points in every order, [6, 3, 2]. */
const points = [-0.7, 0.9, 0.4, -0.2, 1.3, 0.6];
const everyOrder = () =>
  tf.tensor3d(
    orders.flatMap((order) => order.flatMap((i) => [points[2 * i]!, points[2 * i + 1]!])),
    [6, 3, 2],
  );

describe('the density of a set', () => {
  test.each(['sort, linear, spline×2', 'sort, actnorm, affine×2', 'equivariant×3', 'equivariant, sort, affine'])(
    'is the same in every order: %s',
    async (text) => {
      const [found] = await onWasm(() => random(text, 3).logProb(everyOrder()));
      expectClose(
        found!,
        found!.map(() => found![0]!),
        { atol: 2e-4 },
      );
    },
  );

  test('depends on the order where no layer forgets it', async () => {
    const [found] = await onWasm(() => random('spline×2', 3).logProb(everyOrder()));
    expect(Math.max(...found!) - Math.min(...found!)).toBeGreaterThan(0.05);
  });

  test.each([
    ['sort, affine×2', 2],
    ['sort, actnorm', 3],
    ['equivariant×3', 2],
    ['affine×2', 3],
    ['swap, curve, linear', 2],
  ] as const)('adds up to 1, and samples come with it: %s of %d points', async (text, k) => {
    const n = 40_000;
    const [ofOthers, ofOwn] = await onWasm(() => {
      const flow = random(text, k, text.startsWith('equivariant') ? 0.05 : 0.12);
      // E_q[p/q] = 1 for draws from a wide q; E_p[g/p] = 1 for a narrow g at the model's own samples.
      const logAt = (x: tf.Tensor, scale: number) =>
        tf.sub(perRow(logNormal(tf.div(tf.sub(x, 0.5), scale))), 2 * k * Math.log(scale)) as tf.Tensor1D;
      const others = tf.add(0.5, tf.mul(2, normals(3, [n, k, 2])));
      const own = flow.inverse(normals(4, [n, k, 2]));
      return [tf.exp(tf.sub(flow.logProb(others), logAt(others, 2))), tf.exp(tf.sub(logAt(own, 0.7), flow.logProb(own)))];
    });
    for (const weights of [ofOthers!, ofOwn!]) {
      const error = Math.sqrt(mean(weights.map((w) => (w - 1) ** 2)) / n);
      expect(error, 'of the estimate itself').toBeLessThan(0.06);
      expectClose(mean(weights), 1, { atol: 3.5 * error + 1e-3 });
    }
  });
});

test.each(['sort', 'equivariant×2', 'sort, actnorm, linear, spline, affine'])(
  '%s leads back to the z that a set was drawn from',
  async (text) => {
    const [z, again, x, other] = await onWasm(() => {
      const flow = random(text, 5, 0.08);
      const z = normals(4, [50, 5, 2]);
      const x = flow.inverse(z);
      return [z, flow.forward(x, 9).z, x, flow.inverse(z, 3)];
    });
    expectClose(again!, z!, { atol: 3e-3 });
    expect(JSON.stringify(other) === JSON.stringify(x), 'draws an order').toBe(!text.startsWith('sort'));
  },
);

test('sort orders points by their first coordinate, and carries the second along', async () => {
  const [z] = await onWasm(() => random('sort', 3).forward(everyOrder()).z);
  // log(e^gap − 1), whose lower half is drawn in.
  const line = (gap: number) => {
    const l = Math.log(Math.expm1(gap));
    return l > 0 ? l - 1 : -Math.sqrt(1 - 2 * l);
  };
  const sorted = [-0.7, 0.9, line(1.1), -0.2, line(0.9), 0.6];
  expectClose(
    z!,
    orders.flatMap(() => sorted),
    { atol: 1e-5 },
  );
});

test('equivariant: in another order z is z in that order, and every point moves by what all points are', async () => {
  const [z, contribution, moved] = await onWasm(() => {
    const flow = random('equivariant×3', 3, 0.4);
    const { z, contribution } = flow.forward(everyOrder());
    const far = tf.tensor3d([...points.slice(0, 4), 3, 2], [1, 3, 2]);
    return [z, contribution, flow.forward(far).z];
  });
  const first = z!.slice(0, 6);
  expectClose(
    z!,
    orders.flatMap((order) => order.flatMap((i) => [first[2 * i]!, first[2 * i + 1]!])),
    { atol: 1e-5 },
  );
  expectClose(
    contribution!,
    contribution!.map(() => contribution![0]!),
    { atol: 1e-4 },
  );
  expect(Math.abs(moved![0]! - first[0]!) + Math.abs(moved![1]! - first[1]!)).toBeGreaterThan(0.01);
});

test('a random order: the bound of one draw is on average below the mean likelihood of all six orders, which draws weigh up to', async () => {
  const n = 6000;
  const [draws, logs] = await onWasm(() => {
    const shuffled = random('shuffle, affine×2', 3, 0.15);
    const set = tf.tensor3d(points, [1, 3, 2]);
    // The weights of the couplings alone: those of the whole less those of its first layer, which has none.
    const flow = stack('affine×2', [3, 2], 8);
    const weights = randomized(stack('shuffle, affine×2', [3, 2], 8).init(rng(5)), 0.15).slice(1);
    const { z, contribution } = flow.forward(weights, everyOrder(), rng(1));
    return [shuffled.logProb(tf.mul(tf.ones([n, 1, 1]), set)), tf.add(perRow(logNormal(z)), contribution)];
  });
  expect(Math.max(...logs!) - Math.min(...logs!)).toBeGreaterThan(0.1);
  expectClose(mean(draws!), mean(logs!), { atol: 0.02 });
  expectClose(Math.log(mean(draws!.map(Math.exp))), Math.log(mean(logs!.map(Math.exp))), { atol: 0.02 });
});
