import { beforeAll, expect, test } from 'vitest';
import { gaussianKl } from '../../src/losses/variational.ts';
import { realnvp } from '../../src/methods/realnvp.ts';
import { type Conditioner, condition } from '../../src/nets/conditioner.ts';
import type { Coupling } from '../../src/nets/coupling.ts';
import type { Dense } from '../../src/nets/layers.ts';
import { stack } from '../../src/nets/transforms/index.ts';
import { logNormal, perRow } from '../../src/nets/transforms/transform.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { context, onWasm } from '../methods/context.ts';
import { loadBackends } from '../ops/backends.ts';
import { randomized } from '../randomized.ts';

/** What older methods are, said in the language of stacks: the same numbers from the same weights. */
beforeAll(loadBackends);

/** Rows or columns of a matrix. */
const take = <T extends tf.Tensor>(t: T, at: readonly number[], axis: number): T => tf.gather(t, tf.tensor1d([...at], 'int32'), axis) as T;

/** A masked coupling of the plane reads both numbers, one of them put to 0, and speaks of both: what is left where it is read and heard. */
function unmasked({ net, bound }: Coupling, keeps: 0 | 1): Coupling {
  const [first, ...rest] = net as readonly Dense[];
  const [last, ...between] = rest.reverse();
  const moves = 1 - keeps;
  // Of [s₀, s₁, t₀, t₁] those of the number that moves.
  const heard = [moves, 2 + moves];
  return {
    net: [{ w: take(first!.w, [keeps], 0), b: first!.b }, ...between.reverse(), { w: take(last!.w, heard, 1), b: take(last!.b, heard, 0) }],
    bound: take(bound, [moves], 0),
  };
}

test('Real NVP on points is affine×5: the same log-likelihood and the same inverse', async () => {
  const [expected, found, x, back] = await onWasm(() => {
    const c = context(realnvp.hparams, [2] as const, { couplings: 5, width: 8 });
    const { params, state } = realnvp.init(c);
    const run = { params: randomized(params, 0.3), state };
    const x = rng(3).normals<tf.Rank.R2>([50, 2]);
    const flow = stack('affine×5', [2], 8);
    const weights = run.params.couplings.map((coupling, i) => unmasked(coupling, (i % 2) as 0 | 1));
    const { z, contribution } = flow.forward(weights, x, rng(1));
    const noise = rng(4).normals<tf.Rank.R2>([50, 2]);
    return [
      realnvp.logProb!(run, x, c),
      tf.add(perRow(logNormal(z)), contribution),
      realnvp.inverse!(run, noise, c),
      flow.inverse(weights, noise, rng(1)),
    ];
  });
  expect(Math.max(...expected!) - Math.min(...expected!)).toBeGreaterThan(1);
  expectClose(found!, expected!, { rtol: 2e-5, atol: 2e-5 });
  expectClose(back!, x!, { rtol: 2e-5, atol: 2e-5 });
});

test('the stack “vae” has the ELBO of a VAE: its bound is the mean of log p(x|z) less the KL divergence in closed form', async () => {
  const n = 40_000;
  const [bounds, reconstruction, kl] = await onWasm(() => {
    const flow = stack('vae', [3], 8);
    const weights = randomized(flow.init(rng(5)), 0.15) as readonly [{ encoder: Conditioner; decoder: Conditioner }];
    const [{ encoder, decoder }] = weights;
    const x = tf.mul(tf.ones([n, 1]), tf.tensor2d([0.6, -0.9, 1.1], [1, 3])) as tf.Tensor2D;
    const { z, contribution } = flow.forward(weights, x, rng(1));
    const [mu, logSigma] = tf.split(condition(encoder, x), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    // Other draws than those of the stack.
    const other = tf.add(mu, tf.mul(tf.exp(logSigma), rng(2).normals<tf.Rank.R2>([n, 3])));
    const [mean, logScale] = tf.split(condition(decoder, other), 2, 1) as [tf.Tensor, tf.Tensor];
    return [
      tf.add(perRow(logNormal(z)), contribution),
      perRow(tf.sub(logNormal(tf.div(tf.sub(x, mean), tf.exp(logScale))), logScale)),
      perRow(gaussianKl(mu, tf.mul(2, logSigma))),
    ];
  });
  const mean = (values: number[]) => values.reduce((a, v) => a + v, 0) / n;
  expect(mean(kl!)).toBeGreaterThan(0.05);
  expectClose(mean(bounds!), mean(reconstruction!) - mean(kl!), { atol: 0.02 });
});
