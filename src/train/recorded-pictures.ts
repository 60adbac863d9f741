import { objectSize } from '../data/objects.ts';
import { mostObjects } from '../data/scenes.ts';
import type { Artifact } from '../evaluate/artifact.ts';
import { z } from '../zod.ts';

/** The pictures that recordings keep, a part of what a live run shows. */
export type RecordedPicture = Extract<
  Artifact,
  {
    kind:
      | 'embedding'
      | 'clusters'
      | 'reconstructions'
      | 'samples'
      | 'latents'
      | 'density'
      | 'weighted'
      | 'ratios'
      | 'graph'
      | 'gradients'
      | 'integral'
      | 'sets'
      | 'annealing'
      | 'relations'
      | 'parts'
      | 'objects'
      | 'segmentation'
      | 'things';
  }
>;

export const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
/** Where there is nothing to average it is no number, for which JSON has no word but null. */
const gap = z.union([z.number(), z.null().transform(() => Number.NaN)]);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected packed bytes');
export const floats = z.custom<Float32Array>((value) => value instanceof Float32Array, 'expected packed numbers');
const grid = z
  .object({ n: count, shape: z.tuple([count, count, count]), pixels: bytes })
  .refine(
    ({ n, shape, pixels }) => pixels.length === n * shape[0] * shape[1] * shape[2],
    'images need n × height × width × channels bytes',
  );

const curve = z
  .object({ x: floats, truth: floats, estimate: floats, means: floats, deviations: floats })
  .refine(
    ({ x, truth, estimate, means, deviations }) =>
      [truth, estimate].every(({ length }) => length === x.length * (means.length - 1)) && means.length === deviations.length,
    'curves need a value of every bridge at each x, and a Gaussian for every waymark',
  );

/** Of a scene of digits: the digit of each quarter, −1 where there is none, and whether they keep the rule. */
const reading = z.object({ digits: z.array(z.int()), obeys: z.boolean() });

/** What a picture of a recording must be; throws what zod says otherwise. */
export const picture: z.ZodType<RecordedPicture> = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('embedding'),
      points: floats,
      labels: bytes,
      images: grid,
      explained: z.tuple([z.number(), z.number()]),
      spread: z.number().nullable(),
    })
    .refine(({ points, labels }) => points.length === 2 * labels.length, 'an embedding needs two numbers and a label for each point'),
  z.object({
    kind: z.literal('clusters'),
    total: count,
    nmi: z.number(),
    clusters: z.array(z.object({ label: count, size: count, purity: share, majority: count, images: grid })),
  }),
  z.object({ kind: z.literal('reconstructions'), originals: grid, reconstructions: grid }),
  z
    .object({ kind: z.literal('samples'), temperature: z.number(), images: grid, readings: z.array(reading).optional() })
    .transform(({ readings, ...rest }) => ({ ...rest, ...(readings ? { readings } : {}) })),
  z.object({ kind: z.literal('latents'), kl: floats }),
  z
    .object({
      kind: z.literal('density'),
      side: count,
      extent: z.number().positive(),
      density: floats,
      data: floats,
      samples: floats,
      frames: z.array(floats),
      lines: count,
      perLine: count,
      nll: z.number(),
      entropy: z.number(),
    })
    .refine(
      ({ side, density, lines, perLine, frames }) =>
        density.length === side ** 2 && frames.every((frame) => frame.length === 2 * lines * perLine),
      'a density needs side × side values, and its frames two numbers for each point of their lines',
    ),
  z
    .object({
      kind: z.literal('weighted'),
      data: z.string(),
      side: count,
      extent: z.number().positive(),
      target: floats,
      freeEnergy: z.number(),
      samplers: z.array(
        z
          .object({
            name: z.string(),
            points: floats,
            inGap: bytes,
            logWeights: floats,
            ess: z.number(),
            gap: share,
            reverseKl: z.number(),
            // None where no draw lies on one side.
            freeEnergy: gap,
            stages: z.array(z.never()),
          })
          .refine(
            ({ points, inGap, logWeights }) => inGap.length === logWeights.length && points.length === 2 * inGap.length,
            'a sampler needs two numbers, a mark and a weight for each draw',
          ),
      ),
    })
    .refine(({ side, target }) => target.length === side ** 2, 'a target needs side × side values'),
  z
    .object({ kind: z.literal('ratios'), batch: count, seen: count, truth: floats, estimate: floats, curve: curve.optional() })
    .transform(({ curve, ...rest }) => ({ ...rest, ...(curve ? { curve } : {}) })),
  z
    .object({ kind: z.literal('graph'), truth: floats, learned: floats, searched: floats, edges: z.string().nullable() })
    .refine(
      ({ truth, learned, searched }) =>
        Number.isInteger(Math.sqrt(truth.length)) && [learned, searched].every(({ length }) => length === truth.length),
      'graphs need d × d weights each',
    ),
  z.object({
    kind: z.literal('gradients'),
    draws: count,
    nets: z.array(
      z.object({
        name: z.string(),
        errors: z.array(z.object({ name: z.string(), bias: z.number(), deviation: z.number(), noise: z.number() })),
      }),
    ),
  }),
  z.object({
    kind: z.literal('integral'),
    text: z.string(),
    logZ: z.number(),
    logZExact: z.number().nullable(),
    variables: z.array(
      z.object({
        name: z.string(),
        low: z.number(),
        high: z.number(),
        values: z.array(z.number()).nullable(),
        approximate: floats,
        exact: floats.nullable(),
      }),
    ),
    pairs: z.array(
      z
        .object({
          first: count,
          second: count,
          cut: z.boolean(),
          says: z.array(z.string()),
          columns: count,
          rows: count,
          density: floats,
        })
        .refine(({ rows, columns, density }) => density.length === rows * columns, 'a pair needs rows × columns densities'),
    ),
  }),
  z
    .object({ kind: z.literal('sets'), size: count, extent: z.number().positive(), temperature: z.number(), data: floats, samples: floats })
    .refine(
      ({ size, data, samples }) => size > 0 && [data, samples].every(({ length }) => length % (2 * size) === 0),
      'sets need two numbers for each of their points',
    ),
  z
    .object({
      kind: z.literal('segmentation'),
      volume: count,
      volumes: count,
      images: grid,
      truth: bytes,
      found: bytes,
      // None where neither has the class.
      dice: z.array(gap),
    })
    .refine(
      ({ images: { n, shape }, truth, found }) => [truth, found].every(({ length }) => length === n * shape[0] * shape[1]),
      'a segmentation needs two classes for each pixel, the true one and the one found',
    ),
  z
    .object({ kind: z.literal('annealing'), stages: count, frames: z.array(grid).min(1), nats: floats })
    .refine(({ frames }) => frames.every(({ n }) => n === frames[0]!.n), 'every look needs an image of each walk'),
  z
    .object({
      kind: z.literal('relations'),
      first: grid,
      second: grid,
      labels: bytes,
      scores: floats,
      of: count,
      means: z.object({ own: z.number(), alike: gap, other: gap }),
      right: z.object({ own: z.number(), other: gap }),
    })
    .refine(
      ({ first, second, labels, scores }) => second.n === first.n && labels.length === first.n && scores.length === first.n ** 2,
      'relations need a label of each image and a score of each pair',
    ),
  z
    .object({
      kind: z.literal('parts'),
      originals: grid,
      truth: bytes,
      parts: count,
      rounds: z
        .array(
          z.object({
            whole: grid,
            images: grid,
            masks: bytes,
            attention: z.object({ side: z.tuple([count, count]), shares: bytes }),
            found: bytes,
            ari: floats,
          }),
        )
        .min(1),
    })
    .refine(({ originals: { n, shape }, truth, parts, rounds }) => {
      const area = n * shape[0] * shape[1];
      const whole = (round: (typeof rounds)[number]) =>
        [round.whole.n, round.ari.length].every((found) => found === n) &&
        round.images.n === n * parts &&
        round.masks.length === area * parts &&
        round.found.length === area &&
        round.found.every((part) => part < parts) &&
        round.attention.shares.length === n * parts * round.attention.side[0] * round.attention.side[1];
      return truth.length === area && rounds.every(whole);
    }, 'parts need an image, shares and attention for each scene and slot'),
  z
    .object({
      kind: z.literal('objects'),
      originals: grid,
      truth: floats,
      slots: count,
      seen: floats,
      attention: z.object({ side: z.tuple([count, count]), shares: bytes }),
    })
    .refine(
      ({ originals: { n }, truth, slots, seen, attention: { side, shares } }) =>
        truth.length === n * mostObjects * objectSize &&
        seen.length === n * slots * objectSize &&
        shares.length === n * slots * side[0] * side[1],
      'objects need the numbers of each true one and of each slot, and the shares of its attention',
    ),
  z
    .object({
      kind: z.literal('things'),
      originals: grid,
      objects: z.array(count),
      painted: grid,
      each: count,
      things: floats,
      edited: z.null(),
    })
    .refine(
      ({ originals: { n }, objects, painted, each, things }) => objects.length === n && painted.n === n && things.length === n * each * 5,
      'things need an image, a count and five numbers of each for every scene',
    ),
]);
