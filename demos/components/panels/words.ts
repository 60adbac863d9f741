/** What the numbers of an artifact mean, in words. Pure functions. */
import { collapseBelow } from '../../../src/evaluate/collapsed.ts';
import { integer, percent } from '../../app/format.ts';

/** A mean KL below this many nats tells nothing about the image. */
export const ACTIVE_NATS = 0.01;
/** Spread of the normalized projection below which the representation counts as collapsed. */
export const COLLAPSED = collapseBelow.spread;

export const fixed = (value: number, digits = 2): string => (Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : '–');

/** Name of a label: the data set's own word, or "class 3". */
export const className = (classes: readonly string[] | undefined, label: number): string => classes?.[label] ?? `class ${label}`;

/** What the spread of the projections says. */
export function spreadInWords(spread: number): string {
  if (!Number.isFinite(spread)) return '';
  return spread < COLLAPSED
    ? 'Collapsed: almost every image gets the same direction, so the outputs hardly tell images apart. An untrained network may start like this; a trained one that ends here has learned nothing, however low its loss. The plot is stretched to fill its frame; do not read structure into it.'
    : '1 means that the outputs point everywhere on the sphere of directions, 0 that they have become one point.';
}

/** Which images are shown. */
export const imagesInWords = (n: number, heldOut: number): string =>
  n <= heldOut ? `${integer(n)} held-out images` : `${integer(heldOut)} held-out images and ${integer(n - heldOut)} training images`;

/** The image of a row: held-out images come first, then those of training. */
export const rowInWords = (row: number, heldOut: number): string =>
  row < heldOut ? `held-out image ${row}` : `training image ${row - heldOut}`;

/** What trustworthiness says of a picture. */
export const trustInWords = (k: number): string =>
  `whether the ${k} nearest dots of a dot are near it in the representation too: 1, all of them; about 0.5, no more than chance.`;

/** How many latent dimensions carry information, and whether some have collapsed. */
export function latentsInWords(kl: ArrayLike<number>): { readonly active: number; readonly total: number; readonly text: string } {
  const values = Array.from(kl);
  const active = values.filter((v) => v > ACTIVE_NATS).length;
  const nats = values.reduce((a, b) => a + b, 0);
  const asleep = values.length - active;
  const which = asleep === 1 ? 'one dimension has' : `${asleep} dimensions have`;
  const it =
    asleep === 1
      ? 'its posterior equals the prior, so the decoder ignores it'
      : 'their posteriors equal the prior, so the decoder ignores them';
  return {
    active,
    total: values.length,
    text:
      asleep === 0
        ? `Every dimension is in use; together they spend ${fixed(nats, 1)} nats on an image.`
        : active === 0
          ? 'Posterior collapse: no dimension carries information, and the decoder draws the same picture whatever the input.'
          : `Posterior collapse in part: ${which} a KL of about 0: ${it}. The others spend ${fixed(nats, 1)} nats on an image.`,
  };
}

/** NLL against the entropy that no model can beat. */
export function nllInWords(nll: number, entropy: number): string {
  const gap = nll - entropy;
  if (!Number.isFinite(gap)) return 'No likelihood yet.';
  const base = `NLL ${fixed(nll, 3)} nats against an entropy floor of ${fixed(entropy, 3)}`;
  return gap < 0
    ? `${base}: ${fixed(-gap, 3)} below it, which can only be the luck of a finite sample.`
    : `${base}: ${fixed(gap, 3)} nats are left to learn. That gap is the KL divergence from the data to the model.`;
}

/** How many draws of each sampler lie where hardly any data do. */
export function gapInWords(samplers: readonly { readonly name: string; readonly gap: number }[]): string {
  const parts = samplers.map(({ name, gap }) => `${name} ${percent(gap, 1)}`);
  return `Draws where hardly any data lie (larger dots): ${parts.join(', ')}; the data themselves 1.0 %.`;
}

/** Purity of the clusters shown, and whether the clustering has degenerated; `total` clusters are in use. */
export function clustersInWords(clusters: readonly { readonly size: number; readonly purity: number }[], total: number): string {
  if (total <= 1) return 'All images are in one cluster: either there has been no clustering yet, or it has collapsed.';
  const empty = clusters.filter((c) => c.size === 0).length;
  const images = clusters.reduce((sum, c) => sum + c.size, 0);
  const largest = clusters.reduce((most, c) => Math.max(most, c.size), 0);
  const share = images > 0 ? largest / images : 0;
  const pure = images > 0 ? clusters.reduce((sum, c) => sum + c.size * c.purity, 0) / images : 0;
  const part = clusters.length < total ? `the ${clusters.length} largest` : 'all';
  const warning =
    share > 0.5 && total > 2
      ? ` Degenerate: one cluster holds ${percent(share)} of ${part === 'all' ? 'the images' : 'their images'}.`
      : empty > 0
        ? ` ${empty} ${empty === 1 ? 'cluster is' : 'clusters are'} empty.`
        : '';
  return `Mean purity of ${part}: ${percent(pure)}.${warning}`;
}

/** Whether samples lie as near to training images as new real images do. */
export function memorizationInWords(samples: number, heldOut: number): string {
  const ratio = samples / heldOut;
  if (!Number.isFinite(ratio)) return '';
  if (ratio < 0.5) return 'Samples are far nearer to training images than new real images are: the model repeats what it has seen.';
  if (ratio > 1.5) return 'Samples are farther from the training images than new real images are: they do not look like data yet.';
  return 'Samples are about as far from the training images as new real images are: no sign of copying.';
}

/** The sum of all bridges against the truth. */
export function ratiosInWords(estimate: number, truth: number): string {
  if (!Number.isFinite(estimate)) return 'No estimate yet.';
  const off = Math.abs(estimate - truth) / truth;
  const side = estimate < truth ? 'too few' : 'too many';
  const verdict = off < 0.005 ? 'right to half a percent' : `${percent(off)} ${side}`;
  return `Estimated ${fixed(estimate, 1)} of ${fixed(truth, 1)} nats: ${verdict}.`;
}

/** log Z against the truth, and what explains the gap. */
export function integralInWords(logZ: number, exact: number | null, cuts: number): string {
  const base = `log Z = ${fixed(logZ, 4)} nats`;
  if (exact === null) return `${base}. The exact value is out of reach: more than two variables would have to be fixed.`;
  if (cuts === 0) return `${base}, exact: the factors form a tree, and nothing had to be cut.`;
  const copies = cuts === 1 ? 'one copy' : `${cuts} copies`;
  return `${base} against ${fixed(exact, 4)} exactly: ${fixed(Math.abs(logZ - exact), 4)} nats apart, with ${copies}. Copies that agree are still not equal, so some of the gap stays.`;
}
