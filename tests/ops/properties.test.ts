/** Every wasm kernel of ours against tfjs's cpu backend, over random shapes. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { wrapKernels } from '../../scripts/bench/kernels.ts';
import * as tf from '../../src/tf.ts';
import { loadBackends, sameOnWasm } from './backends.ts';
import { channels, longRows, products, seed, shape, whole, windows, withAxis } from './shapes.ts';

let ours: string[] = [];
const called = new Set<string>();

beforeAll(async () => {
  await tf.loaders.wasm();
  const stock = new Map(tf.getKernelsForBackend('wasm').map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]));
  await loadBackends();
  ours = tf
    .getKernelsForBackend('wasm')
    .flatMap(({ kernelName, kernelFunc }) => (stock.get(kernelName) === kernelFunc ? [] : [kernelName]));
  wrapKernels('wasm', (name, run) => (call) => {
    called.add(name);
    return run(call);
  });
});

/** Exact agreement (see `whole`) in a fixed sequence of cases; a failing one is made smaller. */
const always = <T>(cases: fc.Arbitrary<T>, f: (c: T) => tf.Tensor | tf.Tensor[], numRuns = 60, tolerance = { rtol: 0, atol: 0 }) =>
  fc.assert(
    fc.asyncProperty(cases, (c) => sameOnWasm(() => f(c), tolerance)),
    { seed: 11, numRuns },
  );
/** Averages round once or twice: an error of some 2⁻²³ each, of values that may cancel. */
const rounding = { rtol: 1e-6, atol: 1e-5 };

/** Gradients of Σ y · (whole numbers). */
const slopes = (f: (...xs: tf.Tensor[]) => tf.Tensor, ...xs: tf.Tensor[]) =>
  tf.grads((...xs) => {
    const y = f(...xs);
    return tf.sum(tf.mul(y, whole(99, ...y.shape)));
  })(xs);

describe('convolutions', () => {
  const cases = (w: ReturnType<typeof windows>) => fc.record({ w, ci: channels, co: channels, seed });
  const check = ({ w, ci, co, seed }: Parameters<Parameters<ReturnType<typeof cases>['map']>[0]>[0]) => {
    const { n, size, taps, strides, pad } = w;
    const [x, f] = [whole(seed, n, ...size, ci), whole(seed + 1, ...taps, ci, co)];
    const y = (x: tf.Tensor, f: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, strides, pad);
    return [y(x, f), ...slopes((x, f) => y(x!, f!), x, f)];
  };
  test('values and gradients', () => always(cases(windows()), check, 200));
  test('on long rows', () => always(cases(longRows), check, 25));

  test('with bias and ReLU', () =>
    always(cases(windows()), ({ w: { n, size, taps, strides, pad }, ci, co, seed }) =>
      tf.fused.conv2d({
        x: whole(seed, n, ...size, ci) as tf.Tensor4D,
        filter: whole(seed + 1, ...taps, ci, co) as tf.Tensor4D,
        bias: whole(seed + 2, co),
        activation: seed % 2 ? 'relu' : 'linear',
        strides,
        pad,
      }),
    ));

  test('transposed, with gradients', () => {
    const c = fc.record({
      n: fc.integer({ min: 1, max: 3 }),
      side: fc.integer({ min: 1, max: 5 }),
      w: windows(),
      ci: channels,
      co: channels,
    });
    return always(c, ({ n, side, w: { taps, strides }, ci, co }) => {
      const to: [number, number, number, number] = [n, side * strides[0], (side + 1) * strides[1], co];
      const up = (z: tf.Tensor, w: tf.Tensor) => tf.conv2dTranspose(z as tf.Tensor4D, w as tf.Tensor4D, to, strides, 'same');
      const [z, w] = [whole(1, n, side, side + 1, ci), whole(2, ...taps, co, ci)];
      return [up(z, w), ...slopes((z, w) => up(z!, w!), z, w)];
    });
  });

  test('depthwise, with gradients', () => {
    const c = fc.record({ w: windows({ least: 1 }), c: channels, multiplier: fc.integer({ min: 1, max: 3 }), seed });
    return always(
      c,
      ({ w: { n, size, taps, strides, pad }, c, multiplier, seed }) => {
        const y = (x: tf.Tensor, f: tf.Tensor) => tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, strides, pad as 'same');
        return slopes((x, f) => y(x!, f!), whole(seed, n, ...size, c), whole(seed + 1, ...taps, c, multiplier));
      },
      150,
    );
  });
});

describe('pools', () => {
  const cases = fc.record({ w: windows({ inside: true, least: 1 }), c: channels, seed });
  test('gradient of the maximum, of negatives and at ties too', () =>
    always(cases, ({ w: { n, size, taps, strides, pad }, c, seed }) =>
      slopes((x) => tf.maxPool(x as tf.Tensor4D, taps, strides, pad), tf.sub(whole(seed, n, ...size, c), seed % 2 ? 9 : 0)),
    ));
  test('gradient of the average', () =>
    always(
      cases,
      ({ w: { n, size, taps, strides, pad }, c, seed }) =>
        slopes((x) => tf.avgPool(x as tf.Tensor4D, taps, strides, pad), whole(seed, n, ...size, c)),
      150,
      rounding,
    ));
});

describe('matrix products', () => {
  const product = ({ a, b, transposeA, transposeB }: { a: number[]; b: number[]; transposeA: boolean; transposeB: boolean }) =>
    tf.matMul(whole(1, ...a), whole(2, ...b), transposeA, transposeB);
  test('with transposes and batches', () => always(products, product, 150));
  test('of no rows', () => always(products, (c) => product({ ...c, a: c.a.with(c.transposeA ? -1 : -2, 0) }), 10));
  test('fused with bias and ReLU', () =>
    always(
      fc.record({ p: products, activation: fc.constantFrom('linear', 'relu'), biased: fc.boolean() }),
      ({ p: { a, b, columns, transposeA, transposeB }, activation, biased }) =>
        tf.fused.matMul({
          a: whole(1, ...a),
          b: whole(2, ...b),
          transposeA,
          transposeB,
          activation: activation as 'relu',
          ...(biased ? { bias: whole(3, columns) } : {}),
        }),
      100,
    ));
});

describe('reductions', () => {
  const cases = shape(1, 4).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axes: fc.subarray([...shape.keys()]), keep: fc.boolean(), seed }),
  );
  test('sums', () => always(cases, ({ shape, axes, keep, seed }) => tf.sum(whole(seed, ...shape), axes, keep), 100));
  test('means, with gradients', () =>
    always(
      cases,
      ({ shape, axes, keep, seed }) => {
        const x = whole(seed, ...shape);
        return [tf.mean(x, axes, keep), ...slopes((x) => tf.mean(x!, axes, keep), x)];
      },
      60,
      rounding,
    ));
});

describe('copies', () => {
  test('concatenation with gradients, and split, into narrow, wide and empty parts', () => {
    const cases = fc.record({
      s: withAxis(shape(1, 4)),
      sizes: fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(70)), { minLength: 1, maxLength: 4 }),
    });
    return always(cases, ({ s: { shape, axis }, sizes }) => {
      const parts = sizes.map((size, i) => whole(i + 1, ...shape.with(axis, size)));
      const whole2 = tf.concat(parts, axis);
      const gradients = slopes((...xs) => tf.concat(xs, axis), ...parts.filter((t) => t.size > 0), whole(9, ...shape));
      return [whole2, ...tf.split(whole2, sizes, axis), ...gradients];
    });
  });

  test('gather and its gradient', () => {
    const cases = withAxis(shape(1, 4)).chain(({ shape, axis }) => {
      const index = fc.integer({ min: 0, max: shape[axis]! - 1 });
      return fc.record({ shape: fc.constant(shape), axis: fc.constant(axis), rows: fc.array(fc.tuple(index, index), { maxLength: 6 }) });
    });
    return always(cases, ({ shape, axis, rows }) => {
      const index = tf.tensor2d(rows.flat(), [rows.length, 2], 'int32');
      const x = whole(1, ...shape);
      const y = (x: tf.Tensor) => tf.gather(x, index, axis);
      return [y(x), ...(rows.length ? slopes((x) => y(x!), x) : [])];
    });
  });

  test('clones', () => always(shape(0, 4), (s) => tf.clone(whole(1, ...s)), 10));
});

test('no kernel of ours went without a case', () => {
  expect(ours.length).toBeGreaterThan(15);
  expect(ours.filter((name) => !called.has(name))).toEqual([]);
});
