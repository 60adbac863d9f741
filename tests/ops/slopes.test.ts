/**
 * Gradients against directional slopes, (f(x + h u) − f(x − h u)) / 2h, over random shapes: needs no other backend to be right. Inputs
 * are whole numbers, directions −1, 0 or 1 and h = 2⁻⁶, and every function here is linear or of second degree between its kinks: so the
 * slope is exact, the values are exact in float32, and only averages round.
 */
import fc from 'fast-check';
import { beforeAll, describe, test } from 'vitest';
import { conv2d, dense } from '../../src/ops/fused.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from './backends.ts';
import { channels, longRows, products, seed, shape, whole, windows } from './shapes.ts';

beforeAll(loadBackends);

const h = 2 ** -6;
type Case = {
  f: (...xs: tf.Tensor[]) => tf.Tensor;
  xs: () => tf.Tensor[];
  /** Entries of each input that move, where too long a way would cross a kink; else all do. */
  moving?: number;
};

function direction(x: tf.Tensor, seed: number, moving: number | undefined): tf.Tensor {
  const stream = rng(seed);
  const values = new Float32Array(x.size);
  if (moving === undefined) for (let i = 0; i < x.size; i++) values[i] = stream.integer(3) - 1;
  else for (let i = 0; i < moving; i++) values[stream.integer(x.size)] = stream.integer(2) * 2 - 1;
  return tf.tensor(values, x.shape);
}

/** The slope of Σ w · f along a direction in all inputs at once, and Σ gradient · direction. */
async function slopes({ f, xs, moving }: Case, s: number): Promise<[number, number]> {
  const dot = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  const ways = (inputs: tf.Tensor[]) => inputs.map((x, i) => direction(x, s + i, moving));
  const [up, down, w, ...rest] = await valuesOn('wasm', () => {
    const inputs = xs();
    const at = (h: number) => f(...inputs.map((x, i) => tf.add(x, tf.mul(h, ways(inputs)[i]!))));
    const w = whole(s + 9, ...at(0).shape);
    const gradients = tf.grads((...xs) => tf.sum(tf.mul(f(...xs), w)))(inputs);
    return [at(h), at(-h), w, ...gradients, ...ways(inputs)];
  });
  const half = rest.length / 2;
  const expected = (dot(up!, w!) - dot(down!, w!)) / (2 * h);
  const actual = rest.slice(0, half).reduce((sum, g, i) => sum + dot(g, rest[half + i]!), 0);
  return [actual, expected];
}

/** Averages round by some 2⁻²³ of values up to 50, which h divides. */
const always = <T>(cases: fc.Arbitrary<T>, make: (c: T) => Case, numRuns = 60, atol = 0) =>
  fc.assert(
    fc.asyncProperty(cases, seed, async (c, s) => {
      const [actual, expected] = await slopes(make(c), s);
      expectClose(actual, expected, { rtol: 0, atol });
    }),
    { seed: 12, numRuns },
  );

/** Half-way between whole numbers, so that no value of ReLU's input lies within 0.5 of its kink. */
const halves = (seed: number, ...shape: number[]) => tf.add(whole(seed, ...shape), 0.5);

describe('the fused layers', () => {
  const layers = fc.record({ ci: channels, co: channels, relu: fc.boolean(), first: fc.boolean(), s: seed });

  for (const [name, shapes] of [
    ['small images', windows({ least: 1 })],
    ['long rows', longRows],
  ] as const)
    test(`conv2d: ${name}`, () =>
      always(
        fc.record({ w: shapes, l: layers }),
        ({ w: { n, size, taps, strides, pad }, l: { ci, co, relu, first, s } }) => {
          const same = typeof pad === 'string' ? pad : 'same';
          const o = { stride: strides[0], pad: same, activation: relu ? 'relu' : 'linear', input: first ? 'data' : 'hidden' } as const;
          const layer = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => conv2d(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, o);
          const sized = size.map((side, i) => (same === 'valid' ? Math.max(side, taps[i]!) : side));
          const x = () => whole(s, n, ...sized, ci);
          const rest = () => [whole(s + 1, ...taps, ci, co), halves(s + 2, co)];
          const moving = relu ? { moving: 3 } : {};
          if (first) return { f: (w, b) => layer(x(), w!, b!), xs: rest, ...moving };
          return { f: (x, w, b) => layer(x!, w!, b!), xs: () => [x(), ...rest()], ...moving };
        },
        name === 'small images' ? 150 : 15,
      ));

  test('dense', () =>
    always(fc.record({ n: fc.integer({ min: 1, max: 40 }), l: layers }), ({ n, l: { ci, co, relu, s } }) => ({
      f: (x, w, b) => dense(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D, relu ? 'relu' : 'linear'),
      xs: () => [whole(s, n, ci), whole(s + 1, ci, co), halves(s + 2, co)],
      ...(relu ? { moving: 3 } : {}),
    })));
});

test('matMul', () =>
  always(products, ({ a, b, transposeA, transposeB }) => {
    // tfjs refuses to sum the gradient of a shared matrix over its batch.
    const lead = a.slice(0, -2).map((d, i) => Math.max(d, b[i]!));
    return {
      f: (x, y) => tf.matMul(x!, y!, transposeA, transposeB),
      xs: () => [whole(1, ...lead, ...a.slice(-2)), whole(2, ...lead, ...b.slice(-2))],
    };
  }));

describe('pools', () => {
  const cases = fc.record({ w: windows({ inside: true, least: 1 }), c: channels, s: seed });
  test('the average', () =>
    always(
      cases,
      ({ w: { n, size, taps, strides, pad }, c, s }) => ({
        f: (x) => tf.avgPool(x as tf.Tensor4D, taps, strides, pad),
        xs: () => [whole(s, n, ...size, c)],
      }),
      100,
      0.01,
    ));
  test('the maximum, of negatives too', () =>
    always(cases, ({ w: { n, size, taps, strides, pad }, c, s }) => ({
      f: (x) => tf.maxPool(x as tf.Tensor4D, taps, strides, pad),
      // All different: no two are within 2 h of each other.
      xs: () => {
        const shape: [number, number, number, number] = [n, ...size, c];
        const count = tf.util.sizeFromShape(shape);
        const order = rng(s).permutation(count);
        return [
          tf.tensor4d(
            Float32Array.from(order, (v) => (s % 2 ? v - count : v)),
            shape,
          ),
        ];
      },
    })));
});

test('gather', () =>
  always(
    shape(1, 4).chain((dims) => fc.record({ dims: fc.constant(dims), axis: fc.integer({ min: 0, max: dims.length - 1 }), s: seed })),
    ({ dims, axis, s }) => {
      const stream = rng(s);
      const rows = Array.from({ length: 7 }, () => stream.integer(dims[axis]!));
      return { f: (x) => tf.gather(x!, tf.tensor1d(rows, 'int32'), axis), xs: () => [whole(s, ...dims)] };
    },
  ));

describe('reductions', () => {
  const cases = shape(1, 4).chain((dims) => fc.record({ dims: fc.constant(dims), axes: fc.subarray([...dims.keys()]) }));
  test('sums', () => always(cases, ({ dims, axes }) => ({ f: (x) => tf.sum(x!, axes), xs: () => [whole(1, ...dims)] })));
  test('means', () => always(cases, ({ dims, axes }) => ({ f: (x) => tf.mean(x!, axes), xs: () => [whole(1, ...dims)] }), 60, 0.01));
});
