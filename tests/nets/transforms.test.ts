import { determinant, Matrix } from 'ml-matrix';
import { beforeAll, describe, expect, test } from 'vitest';
import { toPixels, toReals } from '../../src/nets/pixels.ts';
import { stack } from '../../src/nets/transforms/index.ts';
import { spline } from '../../src/nets/transforms/spline.ts';
import { maxPool, slicePool } from '../../src/nets/transforms/surjections.ts';
import { logNormal, type Passed, perRow, type Row } from '../../src/nets/transforms/transform.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/spline.json';
import { loadBackends, valuesOn } from '../ops/backends.ts';
import { randomized } from '../randomized.ts';

beforeAll(loadBackends);

const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);
const shaped = (n: number, row: Row) => [n, ...row] as unknown as [number];
const normals = (seed: number, n: number, row: Row) => rng(seed).normals(shaped(n, row));

/** A stack with random weights, to be made within the tidy that uses it; those of splines smaller, which they would make too steep for float32. */
function random(text: string, row: Row, size = text.includes('spline') ? 0.12 : 0.3) {
  const flow = stack(text, row, 8);
  const weights = randomized(flow.init(rng(5)), size);
  return {
    ...flow,
    forward: (x: tf.Tensor, seed = 1) => {
      const { z, contribution } = flow.forward(weights, x, rng(seed));
      return { z, contribution: tf.add(tf.zeros([x.shape[0]!]), contribution) };
    },
    inverse: (z: tf.Tensor, seed = 2) => flow.inverse(weights, z, rng(seed)),
    /** log p(x), or the bound by one draw. */
    logProb: (x: tf.Tensor, seed = 1) => {
      const { z, contribution } = flow.forward(weights, x, rng(seed));
      return tf.add(perRow(logNormal(z)), contribution);
    },
  };
}
const mean = (values: number[]) => values.reduce((a, v) => a + v, 0) / values.length;

describe('the rational-quadratic spline', () => {
  const { inputs, attrs, loss, grads } = golden;
  const names = ['x', 'w', 'h', 'd'] as const;
  const of = ([x, widths, heights, slopes]: readonly tf.Tensor[], inverse = false) =>
    spline(
      tf.reshape(x!, [-1, 1]),
      { widths: widths as tf.Tensor2D, heights: heights as tf.Tensor2D, slopes: slopes as tf.Tensor2D },
      attrs.tail_bound,
      inverse,
    );
  const tensors = () => names.map((name) => tf.tensor(inputs[name].data, inputs[name].shape));

  test('has the values and gradients of normflows, inside and outside its interval', async () => {
    const [value, ...slopes] = await onWasm(() => {
      const f = (...given: tf.Tensor[]) => {
        const { y, logSlope } = of(given);
        return tf.add(tf.sum(tf.square(y)), tf.sum(logSlope)) as tf.Scalar;
      };
      const { value, grads } = tf.valueAndGrads(f)(tensors());
      return [value, ...grads];
    });
    expectClose(value!, [loss], { rtol: 1e-5 });
    names.forEach((name, i) => {
      expectClose(slopes[i]!, grads[name], { rtol: 1e-3, atol: 2e-4 });
    });
  });

  test('is undone by its inverse, whose slope is the other way round', async () => {
    const [x, back, ahead, behind] = await onWasm(() => {
      const given = tensors();
      const { y, logSlope } = of(given);
      const again = of([y, ...given.slice(1)], true);
      return [given[0]!, again.y, logSlope, again.logSlope];
    });
    expectClose(back!, x!, { atol: 2e-5 });
    expectClose(
      ahead!.map((v, i) => v + behind![i]!),
      ahead!.map(() => 0),
      { atol: 2e-4 },
    );
  });
});

describe.each([
  ['affine', [2]],
  ['affine×2', [3]],
  ['spline×2', [2]],
  ['spline×2', [5]],
  ['curve', [3]],
  ['actnorm', [3]],
  ['linear', [5]],
  ['swap', [3]],
  ['dequantize, squeeze', [4, 4, 1]],
  ['dequantize, squeeze, linear, affine, affine, actnorm', [4, 4, 1]],
] as [string, Row][])('the bijection %s on %j', (text, row) => {
  // Images begin with the one step that is none, whose noise a seed holds still.
  const x = (n: number) => (row.length === 1 ? normals(3, n, row) : tf.div(tf.floor(rng(3).uniforms(shaped(n, row), 0, 256)), 255));
  const size = row.reduce((a, b) => a * b, 1);

  test('is undone by its inverse, and moves its input', async () => {
    const [data, back, z] = await onWasm(() => {
      const flow = random(text, row);
      const { z } = flow.forward(x(20));
      return [x(20), flow.inverse(z), z];
    });
    expectClose(back!, data!, { atol: row.length === 1 ? 2e-4 : 2.1e-3 });
    expect(mean(data!.map((v, i) => Math.abs(v - z![i]!)))).toBeGreaterThan(0.02);
  });

  test('adds the log-determinant of its Jacobian', async () => {
    const h = row.length === 1 ? 2e-3 : 1e-3;
    const [contribution, ahead, behind] = await onWasm(() => {
      const flow = random(text, row);
      const at = (n: number) => tf.mul(tf.ones([n, ...row.map(() => 1)]), x(1));
      const steps = tf.reshape(tf.mul(tf.eye(size), h), [size, ...row]);
      // Noise of a dequantization differs by row: each step alone.
      const z = (points: tf.Tensor) => tf.stack(tf.split(points, size).map((point) => tf.reshape(flow.forward(point).z, [-1])));
      return [flow.forward(x(1)).contribution, z(tf.add(at(size), steps)), z(tf.sub(at(size), steps))];
    });
    const jacobian = Matrix.from1DArray(
      size,
      size,
      ahead!.map((v, i) => (v - behind![i]!) / (2 * h)),
    );
    // Dequantization counts 256 levels, whose pixels are 1/255 apart.
    const scale = row.length === 1 ? 0 : size * Math.log(255);
    expectClose(contribution![0]!, Math.log(Math.abs(determinant(jacobian))) - scale, { rtol: 5e-3, atol: 1e-2 });
  });
});

test.each([
  ['abs', [3]],
  ['fold', [3]],
  ['sort', [4]],
  ['max', [4]],
  ['slice', [5]],
  ['abs, affine×2, linear', [2]],
  ['fold, spline×2, slice, curve', [4]],
] as [string, Row][])('the surjection %s on %j leads back to the z that its draw of x came from', async (text, row) => {
  const [z, again, x, other] = await onWasm(() => {
    const flow = random(text, row);
    const z = normals(4, 50, flow.to);
    const x = flow.inverse(z);
    return [z, flow.forward(x, 9).z, x, flow.inverse(z, 3)];
  });
  expectClose(again!, z!, { atol: 2e-3 });
  expect(other, 'draws differ').not.toEqual(x);
});

test.each(['max', 'slice'])('%s on images leads back to z, and drops three of four numbers', async (name) => {
  const [z, again] = await onWasm(() => {
    const flow = random(`dequantize, squeeze, ${name}`, [8, 8, 1], 0);
    expect(flow.to).toEqual([2, 2, 4]);
    // On the way back pixels are rounded to no level, so the noise of the way there is left out.
    const z = normals(4, 3, flow.to);
    return [z, flow.forward(flow.inverse(z)).z];
  });
  expect(mean(z!.map((v, i) => Math.abs(v - again![i]!)))).toBeLessThan(0.05);
});

test('pooling: z and the density of what it drops, block by block', async () => {
  const [n, h, w, c] = [2, 4, 6, 3] as const;
  const [x, top, ofMax, first, ofSlice] = await onWasm(() => {
    const x = normals(3, n, [h, w, c]);
    const [pooled, sliced] = [maxPool, slicePool].map((make) => make([h, w, c]).forward({}, x, rng(1))) as [Passed, Passed];
    return [x, pooled.z, pooled.contribution as tf.Tensor, sliced.z, sliced.contribution as tf.Tensor];
  });
  const log = (v: number) => -0.5 * v * v - 0.5 * Math.log(2 * Math.PI);
  const [max, v, kept, u]: number[][] = [[], new Array(n).fill(0), [], new Array(n).fill(0)];
  for (let b = 0; b < n; b++)
    for (let i = 0; i < h; i += 2)
      for (let j = 0; j < w; j += 2)
        for (let k = 0; k < c; k++) {
          const block = [0, 1, w, w + 1].map((at) => x![((b * h + i) * w + j + at) * c + k]!).sort((p, q) => q - p);
          max!.push(block[0]!);
          for (const below of block.slice(1)) v![b]! += Math.LN2 + log(block[0]! - below);
          v![b]! -= Math.log(4);
          const corner = x![((b * h + i) * w + j) * c + k]!;
          kept!.push(corner);
          for (const other of block) u![b]! += log(other);
          u![b]! -= log(corner);
        }
  expectClose(top!, max!, { atol: 1e-6 });
  expectClose(ofMax!, v!, { rtol: 1e-5 });
  expectClose(first!, kept!, { atol: 1e-6 });
  expectClose(ofSlice!, u!, { rtol: 1e-5 });
});

describe.each([
  ['abs'],
  ['fold'],
  ['sort'],
  ['actnorm, max, curve'],
  ['slice, curve'],
  ['abs, spline×2, actnorm'],
  ['fold, affine×2'],
  ['linear, sort, spline×2, curve'],
  ['affine, fold, swap, curve, affine'],
])('the density of %s with random weights', (text) => {
  // Nodes sinh(t)³, t even: they lie close where signs are folded.
  const [side, span] = [600, 2.2];
  const node = (k: number) => -span + (2 * span * (k + 0.5)) / side;
  const at = (k: number) => Math.sinh(node(k)) ** 3;
  const width = (k: number) => ((2 * span) / side) * 3 * Math.sinh(node(k)) ** 2 * Math.cosh(node(k));
  const cell = (i: number) => width(i % side) * width(Math.floor(i / side));

  test('adds up to 1, and its samples fall where it says', async () => {
    const n = 20_000;
    const [density, samples] = await onWasm(() => {
      const flow = random(text, [2], 0.12);
      expect(flow.exact).toBe(true);
      const grid = new Float32Array(2 * side * side);
      for (let i = 0; i < side * side; i++) grid.set([at(i % side), at(Math.floor(i / side))], 2 * i);
      return [tf.exp(flow.logProb(tf.tensor2d(grid, [side * side, 2]))), flow.inverse(normals(8, n, flow.to))];
    });
    const mass = density!.map((p, i) => p * cell(i));
    expectClose(
      mass.reduce((a, v) => a + v, 0),
      1,
      { rtol: 4e-3 },
    );
    // Octants and rings: what signs, order and size tell apart.
    const region = (x: number, y: number) => Number(x > 0) + 2 * Number(y > 0) + 4 * Number(x > y) + 8 * Number(Math.hypot(x, y) > 1);
    const [expected, found] = [new Array(16).fill(0), new Array(16).fill(0)];
    mass.forEach((p, i) => {
      expected[region(at(i % side), at(Math.floor(i / side)))] += p;
    });
    for (let i = 0; i < n; i++) found[region(samples![2 * i]!, samples![2 * i + 1]!)] += 1 / n;
    expectClose(found, expected, { atol: 0.016 });
    expect(Math.max(...expected) - Math.min(...expected.filter((p) => p > 0))).toBeGreaterThan(0.02);
  });
});

describe('lower bounds', () => {
  /** The bound by many draws at each x: its mean, and the log of the mean likelihood. */
  const size = 0.1;
  async function drawn(text: string, row: Row, x: number[], draws = 40_000) {
    const values: number[][] = [];
    const d = row[0]!;
    for (let i = 0; i < x.length; i += d)
      values.push(
        ...(await onWasm(() => {
          const flow = random(text, row, size);
          expect(flow.exact).toBe(false);
          return flow.logProb(tf.mul(tf.ones([draws, 1]), tf.tensor2d(x.slice(i, i + d), [1, d])));
        })),
      );
    return values.map((logs) => ({ bound: mean(logs), exact: Math.log(mean(logs.map(Math.exp))) }));
  }
  const line = Array.from({ length: 2001 }, (_, i) => -10 + i / 100);

  test('of a VAE step: below log ∫ p(x|z)p(z) dz, which its draws weigh up to', async () => {
    const x = [-0.7, 0.4, 1.5];
    const found = await drawn('vae', [1], x);
    const [exact] = await onWasm(() => {
      // p(x|z) from samples of no one: the decoder's mean and scale, told by two fixed draws of its noise.
      const flow = stack('vae', [1], 8);
      const weights = randomized(flow.init(rng(5)), size) as readonly [{ decoder: { w: tf.Tensor2D; b: tf.Tensor1D }[] }];
      const out = weights[0].decoder.reduce(
        (h, { w, b }, i, all) => {
          const y = tf.add(tf.matMul(h, w), b);
          return (i < all.length - 1 ? tf.relu(y) : y) as tf.Tensor2D;
        },
        tf.tensor2d(line, [line.length, 1]),
      );
      const [mu, logSigma] = tf.split(out, 2, 1) as [tf.Tensor, tf.Tensor];
      const logPrior = logNormal(tf.tensor2d(line, [line.length, 1]));
      return tf.stack(
        x.map((v) => {
          const e = tf.div(tf.sub(v, mu), tf.exp(logSigma));
          return tf.log(tf.mul(0.01, tf.sum(tf.exp(tf.add(logPrior, tf.sub(logNormal(e), logSigma))))));
        }),
      );
    });
    found.forEach(({ bound, exact: weighed }, i) => {
      expectClose(weighed, exact![i]!, { atol: 0.03 });
      expect(bound).toBeLessThan(exact![i]! - 0.002);
    });
  });

  test('of augmentation: below the marginal of the joint density', async () => {
    const x = [-0.7, 0.4, 1.5];
    const found = await drawn('augment, affine×2', [1], x);
    const [joint] = await onWasm(() => {
      // The weights of the couplings alone: those of the whole less those of its first layer.
      const whole = stack('augment, affine×2', [1], 8);
      const weights = randomized(whole.init(rng(5)), size).slice(1);
      const rest = stack('affine×2', [2], 8);
      const points = x.flatMap((v) => line.flatMap((u) => [v, u]));
      const { z, contribution } = rest.forward(weights, tf.tensor2d(points, [points.length / 2, 2]), rng(1));
      return tf.exp(tf.add(perRow(logNormal(z)), contribution));
    });
    found.forEach(({ bound, exact: weighed }, i) => {
      const exact = Math.log(0.01 * joint!.slice(i * line.length, (i + 1) * line.length).reduce((a, v) => a + v, 0));
      expectClose(weighed, exact, { atol: 0.03 });
      expect(bound).toBeLessThan(exact - 0.005);
    });
  });

  test('of a random order: below the mean likelihood of both orders', async () => {
    const x = [-0.7, 0.9];
    const [{ bound, exact: weighed } = { bound: 0, exact: 0 }] = await drawn('shuffle, affine×2', [2], x, 4000);
    const [logs] = await onWasm(() => {
      const weights = randomized(stack('shuffle, affine×2', [2], 8).init(rng(5)), size).slice(1);
      const { z, contribution } = stack('affine×2', [2], 8).forward(weights, tf.tensor2d([...x, x[1]!, x[0]!], [2, 2]), rng(1));
      return tf.add(perRow(logNormal(z)), contribution);
    });
    expect(Math.abs(logs![0]! - logs![1]!)).toBeGreaterThan(0.05);
    expectClose(bound, mean(logs!), { atol: 0.02 });
    expectClose(weighed, Math.log(mean(logs!.map(Math.exp))), { atol: 0.02 });
  });

  describe.each(['dequantize', 'vardequantize'])('of %s', (layer) => {
    test('the probabilities of the 256 levels add up to 1', async () => {
      const [likelihood] = await onWasm(() => {
        const levels = tf.div(tf.floor(tf.div(tf.range(0, 256 * 40), 40)), 255);
        return tf.exp(random(`${layer}, actnorm`, [1, 1, 1]).logProb(tf.reshape(levels, [-1, 1, 1, 1])));
      });
      // The logit of [0.05, 0.95] leaves out what the normal has beyond ±2.94.
      expectClose(
        likelihood!.reduce((a, v) => a + v / 40, 0),
        1,
        { atol: 0.03 },
      );
    });

    test('its noise fills all of [0, 1), with the density that V tells', async () => {
      const n = 20_000;
      const level = 100;
      const [noise, logWeights] = await onWasm(() => {
        const x = tf.fill([n, 1, 1, 1], level / 255);
        const { z, contribution } = random(layer, [1, 1, 1], 0.6).forward(x);
        const u = tf.sub(tf.add(tf.mul(toPixels(z), 255), 0.5), level);
        return [tf.reshape(u, [n]), tf.sub(contribution, toReals(x, tf.reshape(u, x.shape)).logDet)];
      });
      const weights = logWeights!.map(Math.exp);
      // E_q[uᵏ / q(u)] = ∫ uᵏ du; of half of the interval it would be less.
      const moments = [0, 1, 2].map((k) => mean(weights.map((w, i) => w * noise![i]! ** k)));
      expectClose(moments, [1, 1 / 2, 1 / 3], { atol: 0.015 });
      expect([Math.min(...noise!) < 0.02, Math.max(...noise!) > 0.98]).toEqual([true, true]);
      expect(Math.max(...weights) > 1.2, 'the density is that of a network').toBe(layer === 'vardequantize');
    });
  });

  test('of variational dequantization: at the start that of uniform noise; else one draw is below what many weigh up to', async () => {
    const row = [4, 4, 1];
    const [learned, uniform, bounds] = await onWasm(() => {
      const x = tf.div(tf.floor(rng(3).uniforms(shaped(10, row), 0, 256)), 255);
      const start = (layer: string) => {
        const flow = stack(`${layer}, squeeze, affine`, row, 8);
        const weights = flow.init(rng(5));
        return flow.forward(weights, x, rng(1)).contribution as tf.Tensor;
      };
      const one = tf.mul(tf.ones([4000, 1, 1, 1]), tf.slice(x, [0, 0, 0, 0], [1, 2, 2, 1]));
      return [start('vardequantize'), start('dequantize'), random('vardequantize, squeeze, affine', [2, 2, 1], 0.5).logProb(one)];
    });
    expectClose(learned!, uniform!, { rtol: 1e-5 });
    const [weighed, single] = [Math.log(mean(bounds!.map(Math.exp))), mean(bounds!)];
    expect(single).toBeLessThan(weighed - 0.02);
  });
});
