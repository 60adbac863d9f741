import { beforeAll, describe, expect, test } from 'vitest';
import type { Values } from '../../src/hparams.ts';
import { regression } from '../../src/losses/self-distillation.ts';
import { byol } from '../../src/methods/byol.ts';
import { deepcluster } from '../../src/methods/deepcluster.ts';
import type { EpochData } from '../../src/methods/method.ts';
import { rng } from '../../src/ops/random.ts';
import { leaves, type Tree, tidy } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { randomized } from '../randomized.ts';
import { context, image, onWasm } from './context.ts';

/** What methods that learn representations promise beyond the contract. */

describe('byol', () => {
  type Switches = Partial<Values<typeof byol.hparams>>;
  const views = () => [1, 2].map((seed) => rng(seed).uniforms<tf.Rank.R4>([6, ...image])) as [tf.Tensor4D, tf.Tensor4D];
  // Made once: a quarter of a million random numbers take their time.
  let base: ReturnType<typeof byol.init>;
  beforeAll(() => {
    base = tidy(() => {
      const { params, state } = byol.init(context(byol.hparams, image, { projection: 4 }));
      return { params: randomized(params, 0.1, 5), state: randomized(state, 0.1, 6) };
    });
  });
  const setup = (hp: Switches, progress = 0) => ({ c: context(byol.hparams, image, { projection: 4, ...hp }, { progress }), ...base });
  const loss = (hp: Switches, change: Partial<Record<'predictor' | 'target', boolean>> = {}) => {
    const { c, params, state } = setup(hp);
    const changed = {
      params: change.predictor ? { ...params, predictor: randomized(params.predictor, 0.5, 7) } : params,
      state: change.target
        ? { target: { ...state.target, projector: { ...state.target.projector, out: randomized(state.target.projector.out, 0.5, 8) } } }
        : state,
    };
    return byol.loss(changed.params, changed.state, { views: views(), index: tf.range(0, 6, 1, 'int32') }, c).loss;
  };

  test('without the predictor, its weights do not matter; with it they do', async () => {
    const [off, offToo, on, onToo] = (
      await onWasm(() => [
        loss({ predictor: false }),
        loss({ predictor: false }, { predictor: true }),
        loss({}),
        loss({}, { predictor: true }),
      ])
    ).flat();
    expect(offToo).toBe(off);
    expect(Math.abs(on! - onToo!)).toBeGreaterThan(1e-3);
  });

  test('without the stop-gradient it aims at itself: the target does not matter, and views that are equal cost nothing', async () => {
    const [off, offToo, on, onToo] = (
      await onWasm(() => [
        loss({ stopGradient: false }),
        loss({ stopGradient: false }, { target: true }),
        loss({}),
        loss({}, { target: true }),
      ])
    ).flat();
    expect(offToo).toBe(off);
    expect(Math.abs(on! - onToo!)).toBeGreaterThan(1e-3);
    const [same] = await onWasm(() => {
      const { c, params, state } = setup({ stopGradient: false, predictor: false });
      const [a] = views();
      return byol.loss(params, state, { views: [a, a], index: tf.range(0, 6, 1, 'int32') }, c).loss;
    });
    expectClose(same!, [0], { atol: 1e-5 });
  });

  test('without the stop-gradient the gradient goes through the aim too', async () => {
    // At equal views and no predictor the loss is at its minimum whichever branch moves; so compare at different views.
    const slope = (stopGradient: boolean) => {
      const { c, params } = setup({ stopGradient, predictor: false });
      const { encoder, projector } = params;
      const target = { encoder, projector: { ...projector, out: { ...projector.out, w: tf.clone(projector.out.w) } } };
      const f = (w: tf.Tensor) => {
        const moved = { ...params, projector: { ...projector, out: { ...projector.out, w: w as tf.Tensor2D } } };
        return byol.loss(moved, { target }, { views: views(), index: tf.range(0, 6, 1, 'int32') }, c).loss;
      };
      return tf.grad(f)(projector.out.w);
    };
    // The loss is symmetric: with both branches moving, the gradient is twice that of one branch.
    const [through, stopped] = await onWasm(() => [slope(false), slope(true)]);
    const size = Math.max(...stopped!.map(Math.abs));
    expect(size).toBeGreaterThan(1e-4);
    expectClose(
      through!,
      stopped!.map((v) => 2 * v),
      { rtol: 1e-3, atol: 1e-3 * size },
    );
  });

  test('the target follows by the momentum of the cosine, stands still at the end, and is a copy without the moving average', async () => {
    const after = (hp: Switches, progress: number) => {
      const { c, params, state } = setup({ momentum: 0.6, ...hp }, progress);
      const [xi, theta] = [state.target.projector.out.w, params.projector.out.w];
      return [byol.after!(params, state, {}, c).target.projector.out.w, tf.clone(xi), tf.clone(theta)];
    };
    const moved = async (hp: Switches, progress: number) => {
      const [next, xi, theta] = await onWasm(() => after(hp, progress));
      return next!.map((v, i) => (v - theta![i]!) / (xi![i]! - theta![i]!)).sort((a, b) => a - b)[Math.floor(next!.length / 2)]!;
    };
    expectClose([await moved({}, 0), await moved({}, 0.5), await moved({}, 1), await moved({ ema: false }, 0)], [0.6, 0.8, 1, 0], {
      rtol: 1e-3,
      atol: 1e-3,
    });
  });

  test('without batch statistics no row of a projection depends on the others', async () => {
    const project = (batchNorm: boolean, rows: number) => {
      const { c, params, state } = setup({ batchNorm });
      return tf.slice(byol.project!({ params, state }, tf.slice(views()[0], [0], [rows]), c), [0, 0], [1, -1]);
    };
    const [all, two, allNormed, twoNormed] = await onWasm(() => [project(false, 6), project(false, 2), project(true, 6), project(true, 2)]);
    expectClose(two!, all!, { rtol: 1e-4, atol: 1e-5 });
    expect(Math.abs(twoNormed![0]! - allNormed![0]!)).toBeGreaterThan(1e-3);
  });

  test('starts with a target equal to the online network', async () => {
    const [gap] = await onWasm(() => {
      const { params, state } = byol.init(context(byol.hparams, image));
      return regression(params.projector.w, state.target.projector.w);
    });
    expectClose(gap!, [0], { atol: 1e-5 });
  });
});

describe('deepcluster', () => {
  // 36 rows of one direction, 4 of another, with a little noise.
  const rows = 40;
  const columns = 8;
  const values = Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return (column === (row < 36 ? 0 : 1) ? 5 : 0) + 0.3 * rng(1).split(i).normal();
  });
  const data: EpochData = { size: rows, map: () => Promise.resolve({ values, columns }) };
  const epoch = async (hp: Partial<Values<typeof deepcluster.hparams>>, progress = 0, labels?: Int32Array) => {
    const c = context(deepcluster.hparams, image, { clusters: 2, components: 4, ...hp }, { progress });
    const { params, state } = deepcluster.init(c);
    const known = labels ? { ...state, labels: tf.tensor1d(labels, 'int32') } : state;
    return { before: params, result: await deepcluster.epoch!(params, known, data, c) };
  };

  test('visits every pseudo-label equally often, however small its cluster', async () => {
    let small = 0;
    let total = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const c = { ...context(deepcluster.hparams, image, { clusters: 2, components: columns, variant: 'v2' }), rng: rng(seed) };
      const { params, state } = deepcluster.init(c);
      const { order, state: next } = await deepcluster.epoch!(params, state, data, c);
      const labels = await next.labels.data();
      const sizes = [0, 1].map((label) => labels.filter((l) => l === label).length).sort((a, b) => a - b);
      expect(sizes).toEqual([4, 36]);
      small += order!.filter((row) => row >= 36).length;
      total += order!.length;
    }
    expect(total).toBe(240);
    // Binomial(240, ½): standard deviation 7.7. Without balancing it would be 24.
    expect(Math.abs(small - 120)).toBeLessThan(4 * 7.7);
  });

  test('v1 resets the classifier at each epoch; v2 keeps its projection and makes unit centroids the classifier', async () => {
    const v1 = await epoch({});
    expect(leaves(v1.result.params as Tree).map(({ shape }) => shape)).toEqual(leaves(v1.before.top).map(({ shape }) => shape));
    const v2 = await epoch({ variant: 'v2', components: columns });
    expect(v2.result.params).toBeUndefined();
    const centroids = await v2.result.state.centroids.data();
    for (let k = 0; k < 2; k++) expectClose(Math.hypot(...centroids.slice(k * columns, (k + 1) * columns)), 1, { rtol: 1e-4 });
  });

  test('reports how stable the assignment is, from the second epoch on', async () => {
    const first = await epoch({ variant: 'v2', components: columns });
    expect(first.result.metrics).toEqual({});
    const labels = Int32Array.from(await first.result.state.labels.data());
    expect((await epoch({ variant: 'v2', components: columns }, 0.5, labels)).result.metrics!.stability).toBeCloseTo(1, 12);
    const constant = await epoch({ variant: 'v2', components: columns }, 0.5, new Int32Array(rows));
    expect(constant.result.metrics!.stability).toBeLessThan(0.01);
  });
});
