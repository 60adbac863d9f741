import { describe, expect, test } from 'vitest';
import type { Values } from '../../src/hparams.ts';
import { relational } from '../../src/methods/relational.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { context, image, onWasm } from './context.ts';

describe('relational reasoning', () => {
  const [n, k] = [4, 3];
  const views = () =>
    Array.from({ length: k }, (_, v) =>
      rng(5)
        .split(v)
        .uniforms<tf.Rank.R4>([n, ...image]),
    ) as unknown as [tf.Tensor4D, tf.Tensor4D];
  const setup = (hp: Partial<Values<typeof relational.hparams>> = {}) => {
    const c = context(relational.hparams, image, hp);
    return { c, ...relational.init(c) };
  };
  const batch = (given = views()) => ({ views: given, index: tf.range(0, n, 1, 'int32') as tf.Tensor1D });

  test.each([0, 2])('costs log 2 / 2^γ where no pair is told from another (γ = %i)', async (focus) => {
    const [loss] = await onWasm(() => {
      const { c, params, state } = setup({ focus });
      const silent = { ...params.relation, out: { ...params.relation.out, w: tf.zerosLike(params.relation.out.w) } };
      return relational.loss({ ...params, relation: silent }, state, batch(), c).loss;
    });
    expectClose(loss!, Math.log(2) / 2 ** focus, { rtol: 1e-5 });
  });

  test('judges a pair as its last batch did, whatever else is asked', async () => {
    const [right, scores, one, mean] = await onWasm(() => {
      const { c, params, state } = setup();
      const { metrics, aux } = relational.loss(params, state, batch(), c);
      const next = relational.after!(params, state, aux!, c);
      const run = { params, state: next };
      const h = tf.concat([...views()]);
      const row = (x: tf.Tensor4D, i: number) => tf.slice(x, [i], [1]);
      const [a, b] = views();
      return [metrics!.pairAccuracy!, relational.relate!(run, h, h, c), relational.relate!(run, row(a, 1), row(b, 2), c), next.mean];
    });
    const at = (i: number, j: number) => scores![i * n * k + j]!;
    expect(scores!.every((p) => p > 0 && p < 1)).toBe(true);
    expectClose(one!, at(1, n + 2), { rtol: 1e-4 });
    // Views 0, 1, 2; rolls 1, 2, 3.
    let told = 0;
    for (const [i, j, roll] of [
      [0, 1, 1],
      [0, 2, 2],
      [1, 2, 3],
    ] as const)
      for (let m = 0; m < n; m++)
        told += Number(at(i * n + m, j * n + m) > 0.5) + Number(at(i * n + m, j * n + ((m - roll + n) % n)) < 0.5);
    expectClose(right!, told / (n * k * (k - 1)));
    expect(mean!.some((v) => Math.abs(v) > 1e-3)).toBe(true);
  });
});
