import { beforeAll, describe, expect, test } from 'vitest';
import { compete, initSlotAttention, slotAttention } from '../../src/nets/slot-attention.ts';
import {
  blend,
  imagesOf,
  initBroadcastDecoder,
  initPlacedEncoder,
  mapsOf,
  paint,
  placedFeatures,
} from '../../src/nets/slot-autoencoder.ts';
import { type Rng, rng } from '../../src/ops/random.ts';
import { standardizeRows } from '../../src/ops/row-math.ts';
import { leaves, paths, unflatten } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import whole from '../golden/slot-attention.json';
import { slot_attention_update as golden } from '../golden/structure.json';
import { loadBackends, valuesOn } from '../ops/backends.ts';
import { randomized } from '../randomized.ts';

beforeAll(loadBackends);

type Listed = { readonly shape: number[]; readonly data: number[] };
const tensor = <R extends tf.Rank>({ data, shape }: Listed) => tf.tensor(data, shape as tf.ShapeMap[R]);

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  test('one update is what others compute, and so are its gradients', async () => {
    const { x, slots, Wq, Wk, Wv } = golden.inputs;
    const names = ['x', 'slots', 'Wq', 'Wk', 'Wv'] as const;
    const f = (x: tf.Tensor2D, slots: tf.Tensor2D, q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D) => {
      const batch = (t: tf.Tensor2D) => tf.expandDims(t, 0) as tf.Tensor3D;
      const map = (t: tf.Tensor2D, w: tf.Tensor2D) => batch(tf.matMul(t, w));
      return tf.sum(tf.square(compete(map(x, k), map(slots, q), map(x, v), golden.attrs.eps).updates)) as tf.Scalar;
    };
    const [loss, ...grads] = await valuesOn(backend, () => {
      const { value, grads } = tf.valueAndGrads(f as (...args: tf.Tensor[]) => tf.Scalar)([x, slots, Wq, Wk, Wv].map((t) => tensor(t)));
      return [value, ...grads];
    });
    expectClose(loss!, golden.loss, { rtol: 1e-5 });
    for (const [i, name] of names.entries()) expectClose(grads[i]!, golden.grads[name], { rtol: 1e-4, atol: 1e-4 });
  });

  test.each([
    ['through all of them', false, whole.gradients],
    ['through the last alone, and straight to the start', true, whole.implicit],
  ])('all rounds are PyTorch’s: layer normalizations, GRU and residual MLP with them; gradients %s', async (_, implicit, gradients) => {
    const weights: Readonly<Record<string, Listed>> = whole.weights;
    const noise = { normals: () => tf.reshape(tensor(whole.noise), [-1, 4]) } as unknown as Rng;
    const names: string[] = [];
    const [slots, ...grads] = await valuesOn(backend, () => {
      const shape = initSlotAttention(4, rng(0));
      names.push(...paths(shape));
      const flat = names.map((name) => tensor(weights[name]!));
      const [k, t] = [whole.noise.shape[1]!, whole.slots.shape[1]!];
      const run = (x: tf.Tensor, flat: tf.Tensor[]) =>
        slotAttention(unflatten(shape, flat), x as tf.Tensor3D, { slots: k, iterations: t, implicit }, noise).map(({ slots }) => slots);
      const last = (x: tf.Tensor, ...flat: tf.Tensor[]) => tf.sum(tf.square(run(x, flat).at(-1)!)) as tf.Scalar;
      return [
        tf.stack(run(tensor(whole.x), flat), 1),
        ...tf.grads(last as (...args: tf.Tensor[]) => tf.Scalar)([tensor(whole.x), ...flat]),
      ];
    });
    expectClose(slots!, whole.slots.data, { rtol: 1e-4, atol: 1e-5 });
    const expected: Readonly<Record<string, Listed>> = gradients;
    for (const [i, name] of ['x', ...names].entries()) expectClose(grads[i]!, expected[name]!.data, { rtol: 1e-3, atol: 1e-3 });
  });
});

const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);
const normals = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]) => rng(seed).normals<R>(shape);
const range = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;

describe('the competition', () => {
  const inputs = () => [normals<tf.Rank.R3>(1, [2, 6, 4]), normals<tf.Rank.R3>(2, [2, 3, 4]), normals<tf.Rank.R3>(3, [2, 6, 4])] as const;

  test('slots share out each place; alone, a slot gets the mean of the values', async () => {
    const [total, alone, mean] = await onWasm(() => {
      const [k, q, v] = inputs();
      const one = compete(k, tf.slice(q, [0, 0, 0], [-1, 1, -1]), v).updates;
      return [tf.sum(compete(k, q, v).attention, 2), one, tf.mean(v, 1)];
    });
    expectClose(total!, Array(12).fill(1), { rtol: 1e-5 });
    expectClose(alone!, mean!, { rtol: 1e-4, atol: 1e-5 });
  });

  test('the order of slots decides their order, and that of places nothing', async () => {
    const [updates, turned, mixed] = await onWasm(() => {
      const [k, q, v] = inputs();
      const other = (t: tf.Tensor3D) => tf.reverse(t, 1) as tf.Tensor3D;
      return [compete(k, q, v).updates, other(compete(k, other(q), v).updates), compete(other(k), q, other(v)).updates];
    });
    expectClose(turned!, updates!, { rtol: 1e-4, atol: 1e-5 });
    expectClose(mixed!, updates!, { rtol: 1e-4, atol: 1e-5 });
  });

  test('a slot that gets nothing still has an update', async () => {
    const [updates] = await onWasm(() => {
      const far = tf.tensor3d([
        [
          [200, 0],
          [-200, 0],
        ],
      ]);
      return compete(
        tf.tensor3d([
          [
            [200, 0],
            [100, 0],
          ],
        ]),
        far,
        tf.tensor3d([
          [
            [1, 2],
            [3, 4],
          ],
        ]),
      ).updates;
    });
    expectClose(updates!, [2, 3, 2, 3], { rtol: 1e-5 });
  });
});

test('standardized rows have mean 0 and variance 1, and the gradient of the definition', async () => {
  const definition = (x: tf.Tensor2D) => {
    const { mean, variance } = tf.moments(x, 1, true);
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))) as tf.Tensor2D;
  };
  const [y, expected, slope, slopeExpected] = await onWasm(() => {
    const x = tf.add(normals<tf.Rank.R2>(5, [7, 9]), 3) as tf.Tensor2D;
    const weights = normals<tf.Rank.R2>(6, [7, 9]);
    const slopeOf = (f: (x: tf.Tensor2D) => tf.Tensor2D) => tf.grad((x) => tf.sum(tf.mul(weights, f(x as tf.Tensor2D))))(x);
    return [standardizeRows(x), definition(x), slopeOf(standardizeRows), slopeOf(definition)];
  });
  expectClose(y!, expected!, { rtol: 1e-4, atol: 1e-5 });
  expectClose(slope!, slopeExpected!, { rtol: 1e-3, atol: 1e-4 });
});

describe('the autoencoder', () => {
  test('features know their place, and the masks of a pixel sum to one, however many slots paint', async () => {
    const [features, ...totals] = await onWasm(() => {
      const encoder = randomized(initPlacedEncoder(3, 8, rng(1)), 2);
      const decoder = randomized(initBroadcastDecoder(3, 9, rng(3)), 4);
      const sums = [1, 4, 7].flatMap((k) => {
        const painting = paint(decoder, normals<tf.Rank.R3>(5, [2, k, 9]), [16, 12, 3]);
        const [masks, images] = [mapsOf(painting.shares, [16, 12, 3]), imagesOf(painting, [16, 12, 3])];
        expect([masks.shape, images.shape]).toEqual([
          [2, k, 16, 12],
          [2, k, 16, 12, 3],
        ]);
        const apart = tf.sum(tf.mul(tf.expandDims(masks, 4), images), 1);
        return [tf.sum(masks, 1), tf.min(masks), tf.max(tf.abs(tf.sub(blend(painting, [16, 12, 3]), apart)))];
      });
      return [placedFeatures(encoder, tf.ones([1, 16, 12, 3])), ...sums];
    });
    for (let i = 0; i < totals.length; i += 3) {
      const [low, high] = range(totals[i]!);
      expect(low).toBeGreaterThan(1 - 1e-5);
      expect(high).toBeLessThan(1 + 1e-5);
      expect(totals[i + 1]![0]).toBeGreaterThanOrEqual(0);
      // Together or one by one: the same image.
      expect(totals[i + 2]![0]).toBeLessThan(1e-5);
    }
    // A plain image: only the place can tell its middle from its sides.
    const at = (row: number, column: number) => features!.slice((row * 6 + column) * 8, (row * 6 + column + 1) * 8);
    for (const other of [at(3, 3), at(4, 2)]) expect(Math.max(...other.map((v, i) => Math.abs(v - at(3, 2)[i]!)))).toBeGreaterThan(1e-3);
  });

  test('a blend of slots of one colour is that colour; whoever has all of a pixel decides its colour', async () => {
    const [same, first] = await onWasm(() => {
      const colours = tf.tensor3d([
        [
          [0.1, 0.2, 0.3],
          [0.4, 0.5, 0.6],
        ],
      ]);
      const shares = tf.softmax(normals<tf.Rank.R3>(8, [1, 4, 2])) as tf.Tensor3D;
      const one = tf.mul(tf.slice(colours, [0, 0, 0], [1, 1, 3]), tf.ones([1, 2, 1])) as tf.Tensor3D;
      const all = tf.tensor3d([
        [
          [1, 0],
          [0, 1],
        ],
      ]);
      return [blend({ colours: one, shares }, [2, 2, 3]), blend({ colours, shares: all }, [1, 2, 3])];
    });
    expectClose(
      same!,
      [0, 1, 2, 3].flatMap(() => [0.1, 0.2, 0.3]),
      { rtol: 1e-5 },
    );
    expectClose(first!, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], { rtol: 1e-5 });
  });

  test.each([false, true])('every parameter gets a gradient, implicit: %s', async (implicit) => {
    const grads = await onWasm(() => {
      const net = {
        encoder: initPlacedEncoder(3, 8, rng(1)),
        slots: initSlotAttention(8, rng(2)),
        decoder: initBroadcastDecoder(3, 8, rng(3)),
      };
      const x = rng(4).uniforms<tf.Rank.R4>([2, 16, 16, 3]);
      const f = (...flat: tf.Tensor[]) => {
        const { encoder, slots, decoder } = unflatten(net, flat);
        const { slots: last } = slotAttention(slots, placedFeatures(encoder, x), { slots: 3, iterations: 2, implicit }, rng(5)).at(-1)!;
        return tf.sum(tf.square(tf.sub(blend(paint(decoder, last, [16, 16, 3]), [16, 16, 3]), x))) as tf.Scalar;
      };
      return tf.grads(f as (...args: tf.Tensor[]) => tf.Scalar)(leaves(net));
    });
    for (const g of grads) expect(g.some((v) => v !== 0)).toBe(true);
  });
});
