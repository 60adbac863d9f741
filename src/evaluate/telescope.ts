/** Images under a density that is known but for its constant, which annealing bounds; and how its samples come about. */
import type { ImageDataset } from '../data/dataset.ts';
import { bitsPerDim, standardNormalLogProb } from '../losses/likelihood.ts';
import type { Breathe } from '../ops/breathe.ts';
import { read } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import { backward, forward, logMeanExp, noiseOf, stagesOf, walk } from './annealing.ts';
import type { Artifact, ArtifactOptions } from './artifact.ts';
import { mean } from './generation.ts';
import { clamp, contextOf, imagesOf, readImages, upTo } from './grids.ts';
import type { Scores } from './scores.ts';

/** Walks from noise, and held-out images that walk to it; images in the means. */
const [walkers, heldOut] = [32, 500];

/**
 * Bits per dimension of held-out images: of the noise alone; with the ratios on top, as if Z were 1, which is no bound; with log Z by
 * annealing forward, too low if anything; and by annealing back from held-out images, a bound on the annealing sampler's likelihood.
 * The last two put what 32 walks say of log Z on the mean of 500 images.
 */
export async function telescopeScores({ method, run, context }: Still, { test, shape }: ImageDataset, breathe: Breathe): Promise<Scores> {
  const c = context('annealing');
  const telescope = method.telescope!(run, c);
  const { bridges, dimensions } = telescope;
  const n = Math.min(heldOut, test.size);
  const terms = (from: number, count: number) => {
    const { z, logDet } = telescope.toNoise(toImages(test.pixels, shape, from, count), c.rng.split('pixels', from));
    const ratio = telescope.logRatios(z, Array(bridges).fill(1));
    return tf.concat([tf.stack([tf.add(standardNormalLogProb(z), logDet), ratio], 1), z], 1) as tf.Tensor2D;
  };
  const { values, columns } = await mapRows(n, terms, { batch: 25, breathe });
  const column = (j: number) => Float32Array.from({ length: n }, (_, i) => values[i * columns + j]!);
  const [noise, ratio] = [mean(column(0)), mean(column(1))];
  const first = upTo(Math.min(walkers, n)).flatMap((i) => Array.from(values.subarray(i * columns + 2, (i + 1) * columns)));
  const stages = await stagesOf(telescope, { rng: c.rng, breathe });
  const there = await forward(telescope, stages, walkers, { rng: c.rng.split('forward'), breathe });
  const back = await backward(telescope, stages, Float32Array.from(first), { rng: c.rng.split('backward'), breathe });
  const bits = (nats: number) => bitsPerDim(-nats, dimensions);
  return {
    bitsPerDim: bits(noise + ratio - mean(back.logWeights)),
    bitsPerDimAnnealed: bits(noise + ratio - logMeanExp(there.logWeights)),
    bitsPerDimUnnormalized: bits(noise + ratio),
    bitsPerDimNoise: bits(noise),
  };
}

/** Times that a walk is looked at, its ends included; and held-out images that the bridges are averaged over. */
const [looks, averaged] = [7, 64];

/** Walks from noise to samples, always from the same noise, and what each bridge adds to log p̃ of held-out images. */
export async function annealing(
  session: Still,
  { count = 10 }: ArtifactOptions,
  breathe: Breathe,
): Promise<Extract<Artifact, { kind: 'annealing' }>> {
  const { test, shape } = imagesOf(session);
  const c = contextOf(session, 'annealing');
  const telescope = session.method.telescope!(session.run, c);
  const { bridges, dimensions } = telescope;
  const stages = await stagesOf(telescope, { rng: c.rng, breathe });
  const n = clamp(count, 16);
  let z = noiseOf(telescope, n, c.rng.split('noise'));
  const picture = () => readImages(tf.tidy(() => telescope.toImages(tf.tensor2d(z, [n, dimensions]))));
  const frames = [await picture()];
  const at = (look: number) => Math.round((stages.length * look) / (looks - 1));
  for (const look of upTo(looks).slice(1)) {
    z = (await walk(telescope, stages.slice(at(look - 1), at(look)), z, 'toData', { rng: c.rng.split('look', look), breathe })).z;
    frames.push(await picture());
  }
  const images = () => toImages(test.pixels, shape, 0, Math.min(averaged, test.size));
  const seen = await read(() => telescope.toNoise(images(), c.rng.split('pixels')).z);
  const nats = new Float32Array(bridges);
  for (const k of nats.keys()) {
    await breathe();
    const alone = upTo(bridges).map((other) => Number(other === k));
    nats[k] = (await read(() => tf.mean(telescope.logRatios(tf.tensor2d(seen, [seen.length / dimensions, dimensions]), alone))))[0]!;
  }
  return { kind: 'annealing', stages: stages.length, frames, nats };
}
