import { describe, expect, test } from 'vitest';
import type { Values } from '../../src/hparams.ts';
import { slotAttention } from '../../src/methods/slot-attention.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { context, onWasm } from './context.ts';

const shape = [16, 16, 3] as const;
const [n, slots, area] = [2, 3, 256];

describe('slot attention', () => {
  const setup = (hp: Partial<Values<typeof slotAttention.hparams>> = {}, progress = 0) => {
    const c = context(slotAttention.hparams, shape, { slots, width: 8, ...hp }, { progress });
    const { params, state } = slotAttention.init(c);
    return { c, params, state, x: rng(2).uniforms<tf.Rank.R4>([n, ...shape]) };
  };
  const lossOf = (hp: Partial<Values<typeof slotAttention.hparams>>, progress = 0) => {
    const { c, params, state, x } = setup(hp, progress);
    return slotAttention.loss(params, state, { x, objects: tf.zeros([n, 5, 14]) }, c);
  };
  /** What a run paints: masks [n, K, P], colours [n, K, 3], whose each pixel is, and the pixels. */
  const painted = async () => {
    const [masks, images, owners, x] = await onWasm(() => {
      const { c, params, state, x } = setup();
      const parts = slotAttention.segment!({ params, state }, x, c).at(-1)!;
      return [parts.masks, parts.images, parts.owners, x];
    });
    const at = (i: number, k: number, p: number) => (i * slots + k) * area + p;
    const each = <T>(f: (i: number, p: number) => T) => Array.from({ length: n * area }, (_, j) => f(Math.floor(j / area), j % area));
    const error = (i: number, k: number, p: number) =>
      [0, 1, 2].reduce((sum, ch) => sum + (images![3 * at(i, k, p) + ch]! - x![3 * (i * area + p) + ch]!) ** 2, 0);
    return { masks: masks!, images: images!, owners: owners!, x: x!, at, each, error };
  };
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  const every = [...Array(slots).keys()];

  test('says whose a pixel is by its masks and colours', async () => {
    const { masks, owners, at, each, error } = await painted();
    const joint = (i: number, k: number, p: number) => masks[at(i, k, p)]! * Math.exp(-(error(i, k, p) - error(i, 0, p)) / (2 * 0.05 ** 2));
    const expected = each((i, p) => joint(i, 1, p) / every.reduce((sum, k) => sum + joint(i, k, p), 0));
    expectClose(
      each((i, p) => owners[at(i, 1, p)]!),
      expected,
      { rtol: 2e-2, atol: 1e-3 },
    );
    // Here colours say more than masks.
    expect(mean(each((i, p) => Math.abs(owners[at(i, 1, p)]! - masks[at(i, 1, p)]!)))).toBeGreaterThan(0.05);
  });

  test('pays for pixels by one painter each, or by the mean of all', async () => {
    const { masks, images, x, at, each, error } = await painted();
    const [mixture, ofMean] = await onWasm(() => [lossOf({}).loss, lossOf({ likelihood: 'mean' }).loss]);
    const byOne = (i: number, p: number) =>
      -Math.log(every.reduce((sum, k) => sum + masks[at(i, k, p)]! * Math.exp(-error(i, k, p) / (2 * 0.2 ** 2)), 0));
    const byAll = (i: number, p: number) =>
      [0, 1, 2].reduce((sum, ch) => {
        const blend = every.reduce((all, k) => all + masks[at(i, k, p)]! * images[3 * at(i, k, p) + ch]!, 0);
        return sum + (blend - x[3 * (i * area + p) + ch]!) ** 2;
      }, 0);
    expectClose(mixture!, mean(each(byOne)), { rtol: 1e-4 });
    expectClose(ofMean!, mean(each(byAll)) / (2 * 0.2 ** 2), { rtol: 1e-4 });
  });

  test('asks its two prices in full after a fifth of the run, half of them after a tenth', async () => {
    const [free, half, full, late, nll, overlap, entropy] = await onWasm(() => {
      const hp = { sharing: 0.7, parting: 0.3 };
      const { nll, overlap, entropy } = lossOf(hp).metrics!;
      return [lossOf(hp).loss, lossOf(hp, 0.1).loss, lossOf(hp, 0.2).loss, lossOf(hp, 0.9).loss, nll!, overlap!, entropy!];
    });
    const prices = 0.7 * overlap![0]! + 0.3 * entropy![0]!;
    expect(prices).toBeGreaterThan(0.1);
    expectClose(free!, nll!, { rtol: 1e-6 });
    expectClose(half!, nll![0]! + prices / 2, { rtol: 1e-5 });
    for (const loss of [full, late]) expectClose(loss!, nll![0]! + prices, { rtol: 1e-5 });
  });
});
