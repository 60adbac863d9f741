import * as tf from '../../tf.ts';
import { type Conditioner, condition, initPointConditioner } from '../conditioner.ts';
import { shuffled } from './surjections.ts';
import { gaussian, type Row, transform } from './transform.ts';

/** Steps that draw on the way to noise: V is a lower bound (Nielsen et al. 2020, table 1, arXiv:2007.02731). */

type Both = { readonly encoder: Conditioner; readonly decoder: Conditioner };

/** The step of a VAE, [D] → [D]: z ~ q(z|x), V = log p(x|z) − log q(z|x), both Gaussian with networks for mean and log σ. */
export function vae(row: Row, width: number) {
  const [d] = row as [number];
  return transform<Both>({
    from: row,
    to: row,
    exact: false,
    init: (rng) => ({
      encoder: initPointConditioner(d, 2 * d, width, rng.split('encoder')),
      decoder: initPointConditioner(d, 2 * d, width, rng.split('decoder')),
    }),
    forward: ({ encoder, decoder }, x, rng) => {
      const { x: z, logProb } = gaussian(condition(encoder, x), rng);
      return { z, contribution: tf.sub(gaussian(condition(decoder, z), rng, x).logProb, logProb) };
    },
    inverse: ({ decoder }, z, rng) => gaussian(condition(decoder, z), rng).x,
  });
}

/** As many numbers again, drawn given x: [D] → [2D], dropped on the way to data. V = −log q(u|x). Huang et al. 2020, arXiv:2002.07101. */
export function augment(row: Row, width: number) {
  const [d] = row as [number];
  return transform<Conditioner>({
    from: row,
    to: [2 * d],
    exact: false,
    init: (rng) => initPointConditioner(d, 2 * d, width, rng),
    forward: (net, x, rng) => {
      const { x: u, logProb } = gaussian(condition(net, x), rng);
      return { z: tf.concat([x, u], 1), contribution: tf.neg(logProb) };
    },
    inverse: (_, z) => tf.slice(z, [0, 0], [-1, d]),
  });
}

/** The numbers or points in a random order, both ways alike: V = 0, and the density cares for no order. */
export const shuffle = (row: Row) =>
  transform<Record<never, never>>({
    from: row,
    to: row,
    exact: false,
    init: () => ({}),
    forward: (_, x, rng) => ({ z: shuffled(x, rng), contribution: 0 }),
    inverse: (_, z, rng) => shuffled(z, rng),
  });
