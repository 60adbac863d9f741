import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianLogDensity } from '../../src/data/waymarks.ts';
import { infoNce, logisticRatio } from '../../src/losses/ratio.ts';
import { initBridges, logRatios } from '../../src/nets/bridges.ts';
import { adam } from '../../src/ops/adam.ts';
import { rng } from '../../src/ops/random.ts';
import { leaves, unflatten } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, sameOnWasm, valuesOn } from '../ops/backends.ts';

beforeAll(loadBackends);

/** n points of N(mean, deviation²) at the middles of its n equal shares: their mean of a smooth function is its expectation. */
function quantiles(n: number, mean: number, deviation: number): number[] {
  const [found, fine]: [number[], number] = [[], 1e-4];
  let mass = 0;
  for (let x = -8; x < 8 && found.length < n; x += fine) {
    mass += (fine * Math.exp(-0.5 * (x + fine / 2) ** 2)) / Math.sqrt(2 * Math.PI);
    while (found.length < n && mass > (found.length + 0.5) / n) found.push(mean + deviation * (x + fine / 2));
  }
  return found;
}

describe('the logistic loss', () => {
  it('is −log of the two probabilities, 2 log 2 where the ratio is 1, and stays finite far out', async () => {
    const [f, g] = [
      [0.3, -1.2, 2],
      [-0.5, 0, 1.5],
    ] as const;
    const [value, even, far] = await valuesOn('wasm', () => [
      logisticRatio(tf.tensor2d([f as never]), tf.tensor2d([g as never])),
      logisticRatio(tf.zeros([2, 3]), tf.zeros([2, 3])),
      logisticRatio(tf.tensor2d([[-200]]), tf.tensor2d([[300]])),
    ]);
    const sigma = (v: number) => 1 / (1 + Math.exp(-v));
    const mean = (values: number[]) => values.reduce((a, v) => a + v, 0) / values.length;
    expectClose(value!, mean(f.map((v) => -Math.log(sigma(v)))) + mean(g.map((v) => -Math.log(1 - sigma(v)))));
    expectClose(even!, 2 * Math.log(2));
    expectClose(far!, 500);
  });

  it('is least where a quadratic bridge is the log-ratio of two Gaussians in closed form', async () => {
    const [p, q] = [
      { mean: 0.3, deviation: 0.6 },
      { mean: -0.5, deviation: 1 },
    ];
    await tf.setBackend('wasm');
    const points = [p, q].map(({ mean, deviation }) => tf.tensor3d(quantiles(4000, mean, deviation), [1, 4000, 1])) as [
      tf.Tensor3D,
      tf.Tensor3D,
    ];
    let params = initBridges(1, 1, 0, rng(1));
    const optimizer = adam();
    let moments = optimizer.init(leaves(params));
    for (let step = 0; step < 600; step++) {
      const next = tf.tidy(() => {
        const forward = () => logisticRatio(logRatios(params, points[0]), logRatios(params, points[1]));
        const { grads } = tf.engine().gradients(forward, leaves(params), undefined, true);
        return optimizer.update(leaves(params), grads, moments, 0.1 * (1 - step / 600), 0) as unknown as tf.TensorContainerObject;
      }) as unknown as ReturnType<typeof optimizer.update>;
      tf.dispose([...leaves(params), moments.m, moments.v]);
      params = unflatten(params, next.params);
      moments = next.moments;
    }
    const x = [-1.5, -0.5, 0, 0.5, 1.5];
    const found = tf.tidy(() => logRatios(params, tf.tensor3d(x, [1, 5, 1])));
    expectClose(
      await found.data(),
      x.map((v) => gaussianLogDensity(v, p) - gaussianLogDensity(v, q)),
      { rtol: 0.01 },
    );
    tf.dispose([...leaves(params), moments.m, moments.v, found, ...points]);
  });
});

describe('InfoNCE', () => {
  it('is the cross-entropy of the right one among N, log N where nothing tells', async () => {
    const [f, g] = [
      [0.5, 3, -1],
      [0.2, -0.7, 1.1],
    ] as const;
    const [value, even] = await valuesOn('wasm', () => [
      infoNce(tf.tensor1d([...f]), tf.tensor1d([...g])),
      infoNce(tf.fill([7], 2), tf.fill([7], 2)),
    ]);
    const rows = f.map((own, i) => {
      const others = g.filter((_, j) => j !== i).reduce((sum, v) => sum + Math.exp(v), 0);
      return Math.log(Math.exp(own) + others) - own;
    });
    expectClose(value!, rows.reduce((a, v) => a + v, 0) / 3);
    expectClose(even!, Math.log(7));
  });

  it('with the true log-ratio bounds the KL from below, closely while N is large beside e^KL', async () => {
    // N(1, 1) against N(0, 1): log-ratio x − ½, KL ½.
    const n = 2000;
    const [value] = await valuesOn('wasm', () => {
      const [x, y] = [quantiles(n, 1, 1), quantiles(n, 0, 1)].map((values) => tf.sub(tf.tensor1d(values), 0.5) as tf.Tensor1D);
      return infoNce(x!, y!);
    });
    const bound = Math.log(n) - value![0]!;
    expect(bound).toBeLessThan(0.5 + 1e-3);
    expect(bound).toBeGreaterThan(0.49);
  });
});

describe('bridges', () => {
  it.each([0, 5])('with a body of width %i follow their equation, and one set of points serves them all', async (width) => {
    const [m, n, d] = [3, 4, 2];
    const made = () => {
      const bridges = initBridges(m, d, width, rng(2));
      return unflatten(
        bridges,
        leaves(bridges).map((t, i) =>
          rng(3)
            .split(i)
            .normals(t.shape as never),
        ),
      );
    };
    const points = () => rng(4).normals<tf.Rank.R3>([m, n, d]);
    const [found, shared, x, ...flat] = await valuesOn('wasm', () => {
      const first = tf.slice(points(), [0, 0, 0], [1, -1, -1]);
      return [logRatios(made(), points()), logRatios(made(), first), points(), ...leaves(made())];
    });
    const shapes = leaves(made()).map((t) => t.shape);
    const at = (tensor: number, ...index: number[]) =>
      flat[tensor]![index.reduce((place, i, axis) => place * shapes[tensor]![axis]! + i, 0)]!;
    const last = flat.length - 2;
    const expected = (k: number, point: number[]) => {
      let h = point;
      if (width)
        for (const layer of [0, 2])
          h = Array.from({ length: width }, (_, j) =>
            Math.max(
              0,
              h.reduce((sum, v, i) => sum + v * at(layer, i, j), at(layer + 1, j)),
            ),
          );
      let value = h.reduce((sum, v, i) => sum + v * at(last, k, i, 0), at(last + 1, k, 0));
      if (!width) for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) value += h[i]! * h[j]! * at(0, k, i, j);
      return value;
    };
    const point = (k: number, row: number) => x!.slice((k * n + row) * d, (k * n + row + 1) * d);
    const all = (of: (k: number, row: number) => number) => Array.from({ length: m * n }, (_, i) => of(Math.floor(i / n), i % n));
    expectClose(
      found!,
      all((k, row) => expected(k, point(k, row))),
      { rtol: 1e-4, atol: 1e-5 },
    );
    expectClose(
      shared!,
      all((k, row) => expected(k, point(0, row))),
      { rtol: 1e-4, atol: 1e-5 },
    );
  });

  it.each([0, 5])('with a body of width %i have the same gradients on every backend', async (width) => {
    await sameOnWasm(
      () => {
        const bridges = initBridges(3, 4, width, rng(2));
        const random = leaves(bridges).map((t, i) =>
          rng(3)
            .split(i)
            .normals(t.shape as never),
        );
        const [x, y] = [5, 6].map((seed) => rng(seed).normals<tf.Rank.R3>([3, 6, 4])) as [tf.Tensor3D, tf.Tensor3D];
        const loss = (...flat: tf.Tensor[]) => {
          const given = unflatten(bridges, flat);
          return logisticRatio(logRatios(given, x), logRatios(given, y));
        };
        return tf.grads(loss)(random);
      },
      { rtol: 1e-4, atol: 1e-5 },
    );
  });
});
