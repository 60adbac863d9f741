import { beforeAll, describe, expect, it } from 'vitest';
import { bernoulliNll, importanceWeightedNll } from '../../src/losses/variational.ts';
import { vae } from '../../src/methods/vae.ts';
import * as tf from '../../src/tf.ts';
import { toImages } from '../../src/train/batches.ts';
import { createSession } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import { smallData, smallSettings } from '../contract/small.ts';
import golden from '../golden/distances.json';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(loadBackends);

/** The importance-weighted bound: K draws of z, a linear decoder, Bernoulli pixels. */
describe.each(['wasm', 'cpu'] as const)('on %s', (backend) => {
  it('equals PyTorch’s value and gradients', async () => {
    const { inputs, attrs, loss, grads } = golden.iwae;
    const names = ['mu', 'logvar', 'W'] as const;
    const tensor = (name: keyof typeof inputs) => tf.tensor(inputs[name].data, inputs[name].shape);
    const found = await valuesOn(backend, () => {
      const [eps, x] = [tensor('eps'), tensor('x')];
      const [k, n, d] = eps.shape as [number, number, number];
      const bound = (...[mu, logVar, W]: tf.Tensor[]) => {
        const z = tf.add(mu!, tf.mul(tf.exp(tf.div(logVar!, 2)), eps));
        const logits = tf.matMul(tf.reshape(z, [k * n, d]) as tf.Tensor2D, W as tf.Tensor2D);
        const many = tf.reshape(tf.mul(x, tf.ones([k, 1, 1])), logits.shape);
        const likelihood = tf.reshape(tf.neg(bernoulliNll(logits, many)), [k, n]);
        // log p(z) − log q(z|x), in full.
        const prior = tf.sum(tf.mul(-0.5, tf.square(z)), 2);
        const posterior = tf.sum(tf.mul(-0.5, tf.add(tf.square(eps), logVar!)), 2);
        const logWeights = tf.add(likelihood, tf.sub(prior, posterior));
        return tf.mean(importanceWeightedNll(tf.transpose(logWeights) as tf.Tensor2D)) as tf.Scalar;
      };
      const given = names.map(tensor);
      expect(attrs.K).toBe(k);
      return [bound(...given), ...tf.grads(bound)(given)];
    });
    expectClose(found[0]!, loss, { rtol: 1e-5 });
    names.forEach((name, i) => {
      expectClose(found[i + 1]!, grads[name], { rtol: 1e-4, atol: 1e-6 });
    });
  });
});

it('the log-weights of the VAE average to its ELBO; more draws tighten the bound', async () => {
  await tf.setBackend('wasm');
  for (const data of smallData.slice(0, 2)) {
    if (data.kind !== 'images') continue;
    const session = createSession(vae as never, data, { seed: 1, settings: smallSettings(vae as never, data) });
    for (let i = 0; i < 5; i++) await (await session.advance()).metrics;
    const c = session.context('bound');
    const method = session.method;
    const sums = tf.tidy(() => {
      const x = toImages(data.test.pixels, data.shape, 0, 10);
      const logWeights = method.logWeights!(session.run, x, 300, c);
      const { reconstruction, kl } = method.elboTerms!(session.run, x, c);
      const bound = (k: number) => tf.mean(importanceWeightedNll(tf.slice(logWeights, [0, 0], [-1, k])));
      return tf.stack([tf.neg(tf.mean(logWeights)), tf.mean(tf.add(reconstruction, tf.sum(kl, 1))), bound(300)]);
    });
    const [sampled, exact, tight] = [...(await sums.data())] as [number, number, number];
    // The same pixels; one draw of z against 300.
    expectClose(sampled, exact, { rtol: 0.02 });
    expect(tight).toBeLessThan(sampled);
    sums.dispose();
    session.dispose();
  }
});
