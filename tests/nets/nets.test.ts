import { determinant, Matrix } from 'ml-matrix';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ImageShape } from '../../src/data/dataset.ts';
import { decode, initDecoder } from '../../src/nets/decoder.ts';
import { encode, featureMaps, featureSize, initEncoder, representation } from '../../src/nets/encoder.ts';
import { flowForward, flowInverse, initFlow, type Layer, layersOf, masksOf } from '../../src/nets/flow.ts';
import { batchNorm, head, initBatchNorm, initHead, mlp } from '../../src/nets/layers.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';
import { randomized } from '../randomized.ts';

beforeAll(loadBackends);

const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);
const normals = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]) => rng(seed).normals<R>(shape);

describe('layers', () => {
  test('batch normalization: each column has mean `shift` and standard deviation `scale`, whatever it had', async () => {
    const [mean, deviation] = await onWasm(() => {
      const x = tf.add(tf.mul(normals<tf.Rank.R2>(1, [50, 3]), tf.tensor1d([1, 20, 0.1])), tf.tensor1d([5, -3, 0])) as tf.Tensor2D;
      const y = batchNorm({ scale: tf.tensor1d([1, 2, 3]), shift: tf.tensor1d([0, 1, -1]) }, x);
      const { mean, variance } = tf.moments(y, 0);
      return [mean, tf.sqrt(variance)];
    });
    expectClose(mean!, [0, 1, -1], { atol: 1e-4 });
    expectClose(deviation!, [1, 2, 3], { rtol: 1e-3 });
  });

  test('an mlp is relu between affine maps, and none after the last', async () => {
    const layer = (w: number, b: number) => ({ w: tf.tensor2d([[w]]), b: tf.tensor1d([b]) });
    const [y] = await onWasm(() => mlp([layer(2, -1), layer(-3, 0.5)], tf.tensor2d([[-1], [0], [1], [3]])));
    expectClose(y!, [0.5, 0.5, -2.5, -14.5]);
  });

  test('a head without normalization only scales and shifts, so its rows do not mix; with it they do', async () => {
    const weights = () => randomized(initHead(6, 8, 3, rng(3)), 1);
    const x = () => normals<tf.Rank.R2>(4, [5, 6]);
    const one = () => tf.slice(x(), [2, 0], [1, -1]);
    const [all, alone, mixed, byHand] = await onWasm(() => {
      const { w, norm, out } = weights();
      const hidden = tf.relu(tf.add(tf.mul(tf.matMul(x(), w), norm.scale), norm.shift));
      return [
        head(weights(), x(), false),
        head(weights(), one(), false),
        tf.slice(head(weights(), x()), [2, 0], [1, -1]),
        tf.add(tf.matMul(hidden as tf.Tensor2D, out.w), out.b),
      ];
    });
    expectClose(alone!, all!.slice(6, 9), { rtol: 1e-5, atol: 1e-6 });
    expectClose(all!, byHand!, { rtol: 1e-5, atol: 1e-5 });
    expect(Math.abs(mixed![0]! - alone![0]!)).toBeGreaterThan(1e-2);
  });

  test('a new batch normalization scales by 1 and shifts by 0', async () => {
    expect(await onWasm(() => Object.values(initBatchNorm(2)))).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });
});

describe('encoder and decoder', () => {
  const shape = [28, 28, 1] as const;
  test('have the sizes that they promise, and keep the size of activations at the start', async () => {
    const [h] = await onWasm(() => {
      const encoder = initEncoder(shape, rng(1));
      const x = rng(2).uniforms<tf.Rank.R4>([4, ...shape]);
      const maps = featureMaps(encoder, x);
      expect(maps.size / 4).toBe(featureSize(shape, encoder));
      const h = encode(encoder, x);
      expect(h.shape).toEqual([4, representation(encoder)]);
      return h;
    });
    const size = Math.sqrt(h!.reduce((sum, v) => sum + v * v, 0) / h!.length);
    expect(size).toBeGreaterThan(0.1);
    expect(size).toBeLessThan(3);
  });
  test('a grey 0.5 is the origin of the input', async () => {
    const [maps] = await onWasm(() => featureMaps(initEncoder(shape, rng(1)), tf.fill([1, ...shape], 0.5)));
    expect(maps!.every((v) => v === 0)).toBe(true);
  });
  test.each([28, 32])(
    'the representation is the mean of the feature maps over 4 × 4 cells, the last ones cut off where %i does not divide',
    async (side) => {
      const [maps, h] = await onWasm(() => {
        const encoder = initEncoder(shape, rng(1));
        const x = rng(2).uniforms<tf.Rank.R4>([2, side, side, 1]);
        return [featureMaps(encoder, x), encode(encoder, x)];
      });
      const [size, width] = [side / 4, h!.length / 32];
      const expected = [];
      for (let n = 0; n < 2; n++)
        for (let top = 0; top < 8; top += 2)
          for (let left = 0; left < 8; left += 2)
            for (let c = 0; c < width; c++) {
              const seen = [];
              for (const i of [top, top + 1])
                for (const j of [left, left + 1]) if (i < size && j < size) seen.push(maps![((n * size + i) * size + j) * width + c]!);
              expected.push(seen.reduce((a, v) => a + v, 0) / seen.length);
            }
      expectClose(h!, expected, { rtol: 1e-5, atol: 1e-6 });
    },
  );
  test('the decoder gives images of the shape asked for, and refuses sides that do not halve', async () => {
    await onWasm(() => {
      const y = decode(initDecoder([8, 12, 3], 5, 16, rng(1)), normals<tf.Rank.R2>(2, [2, 5]), [8, 12, 3]);
      expect(y.shape).toEqual([2, 8, 12, 3]);
      return y;
    });
    expect(() => initDecoder([30, 28, 1], 5, 16, rng(1))).toThrow(/multiples of 4, got 30×28/);
  });
});

describe('the layers of a flow, one at a time', () => {
  const couple = (shape: readonly number[], mask: 'checkerboard' | 'halves', keep: 'even' | 'odd'): Layer => ({
    kind: 'couple',
    shape,
    mask,
    keep,
  });
  const cases: [string, Layer, (i: number, j: number, c: number) => boolean][] = [
    ['checkerboard, even', couple([4, 4, 2], 'checkerboard', 'even'), (i, j) => (i + j) % 2 === 0],
    ['checkerboard, odd', couple([4, 4, 2], 'checkerboard', 'odd'), (i, j) => (i + j) % 2 === 1],
    ['halves, even', couple([4, 4, 4], 'halves', 'even'), (_i, _j, c) => c < 2],
    ['halves, odd', couple([4, 4, 4], 'halves', 'odd'), (_i, _j, c) => c >= 2],
  ];
  test.each(cases)('%s: keeps just the entries of its mask', async (_, layer, keeps) => {
    const [h, w, c] = layer.shape as [number, number, number];
    const [x, z] = await onWasm(() => {
      const x = normals<tf.Rank.R4>(1, [2, h, w, c]);
      return [x, flowForward({ layers: [layer], couplings: randomized(initFlow([layer], 8, rng(2)), 0.3), masks: masksOf([layer]) }, x).z];
    });
    x!.forEach((v, at) => {
      const channel = at % c;
      const column = Math.floor(at / c) % w;
      const row = Math.floor(at / c / w) % h;
      expect(z![at] === v, `${row}, ${column}, ${channel}`).toBe(keeps(row, column, channel));
    });
  });

  test('squeeze makes each 2 × 2 block one pixel, row by row, and its inverse undoes it', async () => {
    const layer: Layer = { kind: 'squeeze', shape: [4, 6, 3] };
    const [x, z] = await onWasm(() => {
      const x = normals<tf.Rank.R4>(1, [2, 4, 6, 3]);
      return [x, flowForward({ layers: [layer], couplings: [], masks: [] }, x).z];
    });
    let at = 0;
    for (let n = 0; n < 2; n++)
      for (let i = 0; i < 2; i++)
        for (let j = 0; j < 3; j++)
          for (let dy = 0; dy < 2; dy++)
            for (let dx = 0; dx < 2; dx++)
              for (let c = 0; c < 3; c++) expect(z![at++]).toBe(x![((n * 4 + 2 * i + dy) * 6 + 2 * j + dx) * 3 + c]);
  });

  test('layersOf: points keep one coordinate in turn; images have two scales and lose half of their channels at each', () => {
    expect(layersOf([2], 3).map((layer) => layer.kind === 'couple' && layer.keep)).toEqual(['even', 'odd', 'even']);
    const image = layersOf([8, 8, 1], 2);
    expect(image.map(({ kind }) => kind[0]).join('')).toBe('ccsccfccsccfccc');
    expect(image.at(-1)!.shape).toEqual([2, 2, 4]);
  });
});

describe.each([
  ['points', [2] as ImageShape | readonly [2], 3],
  ['images', [4, 4, 1] as ImageShape | readonly [2], 1],
  ['images of two couplings', [8, 4, 1] as ImageShape | readonly [2], 2],
] as const)('a flow of %s with random weights', (_, shape, count) => {
  const layers = layersOf(shape, count);
  const dimensions = shape.reduce<number>((d, s) => d * s, 1);
  const flow = () => ({
    layers,
    couplings: randomized(initFlow(layers, 8, rng(5)), shape.length === 1 ? 0.7 : 0.3),
    masks: masksOf(layers),
  });
  const points = (n: number) => normals(6, [n, ...shape] as number[] as [number]);

  test('undoes itself, is not the identity, and its last stage is the data', async () => {
    const [x, z, back] = await onWasm(() => {
      const x = points(20);
      const { z } = flowForward(flow(), x);
      return [x, z, flowInverse(flow(), z).at(-1)!];
    });
    expectClose(back!, x!, { rtol: 1e-4, atol: 1e-4 });
    const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
    const moved = sorted(x!).reduce((sum, v, i) => sum + Math.abs(v - sorted(z!)[i]!), 0) / x!.length;
    expect(moved).toBeGreaterThan(0.02);
  });

  test('its log-determinant is that of the numerical Jacobian', async () => {
    const h = 2e-3;
    const [x, logDet, ahead, behind] = await onWasm(() => {
      const x = points(1);
      const steps = tf.reshape(tf.mul(tf.eye(dimensions), h), [dimensions, ...shape]);
      const z = (at: tf.Tensor) => flowForward(flow(), at).z;
      return [x, flowForward(flow(), x).logDet, z(tf.add(x, steps)), z(tf.sub(x, steps))];
    });
    expect(x!.length).toBe(dimensions);
    const jacobian = Matrix.from1DArray(
      dimensions,
      dimensions,
      ahead!.map((v, i) => (v - behind![i]!) / (2 * h)),
    );
    expect(Math.abs(logDet![0]!)).toBeGreaterThan(0.1);
    expectClose(Math.log(Math.abs(determinant(jacobian))), logDet![0]!, { rtol: 5e-3, atol: 5e-3 });
  });
});
