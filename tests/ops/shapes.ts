/** Random shapes for the property tests, and the numbers to fill them with. */
import fc from 'fast-check';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';

/**
 * Whole numbers from −3 to 3. Every sum of their products here stays far below 2²⁴, hence is exact in float32 in whatever order it is
 * formed: two right kernels agree to the last bit, and a tolerance would only hide faults.
 */
export function whole(seed: number, ...shape: number[]): tf.Tensor {
  const stream = rng(seed);
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => stream.integer(7) - 3),
    shape,
  );
}

const int = (min: number, max: number) => fc.integer({ min, max });
/** Many multiples of 4 and 8, of which vectors are made, and what lies beside them. */
export const channels = fc.oneof(int(1, 20), fc.constantFrom(1, 3, 4, 7, 8, 9, 16));

/** Windows along one axis: `before` and `after` count zeros of an explicit padding. */
const axis = fc.record({ size: int(1, 9), taps: int(1, 5), stride: int(1, 3), before: int(0, 2), after: int(0, 2) });

export type Windows = {
  n: number;
  size: [number, number];
  taps: [number, number];
  strides: [number, number];
  pad: 'same' | 'valid' | tf.backend_util.ExplicitPadding;
};

/** Images and the windows that a convolution or a pool moves over them. `inside`: each window holds at least one pixel. */
export const windows = ({ inside = false, least = 0 } = {}): fc.Arbitrary<Windows> =>
  fc.record({ n: int(least, 3), y: axis, x: axis, kind: fc.constantFrom('same', 'valid', 'explicit') }).map(({ n, y, x, kind }) => {
    const both = [y, x].map((a) => {
      const [before, after] = kind === 'explicit' ? [a.before, a.after].map((p) => (inside ? Math.min(p, a.taps - 1) : p)) : [0, 0];
      return { ...a, before, after, size: kind === 'same' ? a.size : Math.max(a.size, a.taps - before! - after!) };
    });
    const of = (f: (a: (typeof both)[number]) => number) => both.map(f) as [number, number];
    const pads = both.map((a) => [a.before, a.after]) as [[number, number], [number, number]];
    const pad = kind === 'explicit' ? ([[0, 0], ...pads, [0, 0]] as tf.backend_util.ExplicitPadding) : (kind as 'same' | 'valid');
    return { n, size: of((a) => a.size), taps: of((a) => a.taps), strides: of((a) => a.stride), pad };
  });

/** Rows longer than the pieces in which the kernels take them. */
export const longRows: fc.Arbitrary<Windows> = fc
  .record({ n: int(1, 2), h: int(1, 3), w: int(120, 280), kh: int(1, 3), kw: int(1, 5), stride: int(1, 2) })
  .map(({ n, h, w, kh, kw, stride }) => ({ n, size: [h, w], taps: [kh, kw], strides: [1, stride], pad: 'same' as const }));

/** A shape of some axes, none of them empty. */
export const shape = (minRank: number, maxRank: number, longest = 12) =>
  fc.array(int(1, longest), { minLength: minRank, maxLength: maxRank });

const side = fc.oneof({ weight: 9, arbitrary: int(1, 40) }, { weight: 1, arbitrary: int(500, 530) });

/** Two matrices, or batches of them of which one may be shared: their shapes as they lie in memory. */
export const products = fc
  .record({
    sides: fc.tuple(side, int(1, 40), int(1, 40)),
    lead: fc.array(int(1, 3), { maxLength: 2 }),
    shared: fc.constantFrom('none', 'a', 'b'),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  })
  .map(({ sides: [m, k, n], lead, shared, transposeA, transposeB }) => {
    const batch = (name: string) => (shared === name ? lead.map(() => 1) : lead);
    return {
      a: [...batch('a'), ...(transposeA ? [k, m] : [m, k])],
      b: [...batch('b'), ...(transposeB ? [n, k] : [k, n])],
      columns: n,
      transposeA,
      transposeB,
    };
  });

/** An axis of a shape. */
export const withAxis = (s: fc.Arbitrary<number[]>) =>
  s.chain((shape) => fc.record({ shape: fc.constant(shape), axis: int(0, shape.length - 1) }));

export const seed = int(1, 1000);
