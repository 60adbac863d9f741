import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { objectSize } from '../../src/data/objects.ts';
import { plane } from '../../src/evaluate/projection/plane.ts';
import { edgesOf, isAcyclic } from '../../src/ops/dag.ts';
import * as tf from '../../src/tf.ts';
import type { Artifact, ArtifactKind, ImageGrid, Ready, RunSpec } from '../../src/worker/protocol.ts';
import { openHarness } from './server.ts';

const finite = (values: ArrayLike<number>) => expect(Array.from(values).every(Number.isFinite)).toBe(true);
const shares = (...values: number[]) => expect(values.every((v) => v >= 0 && v <= 1 + 1e-6)).toBe(true);
const grid = ({ n, shape, pixels }: ImageGrid, size: number) => {
  // Digits, or scenes of them.
  const side = shape[0] === 32 ? 32 : 28;
  expect([n, shape, pixels.length]).toEqual([size, [side, side, 1], size * side * side]);
  return pixels;
};
/** Vitest's own comparison takes seconds for arrays of this size. */
const same = isDeepStrictEqual;
const total = (pixels: Uint8Array) => pixels.reduce((sum, v) => sum + v, 0);

/** What holds of each kind on the small data: 64 training and 32 held-out images, batches of 16. */
const checks: { readonly [K in ArtifactKind]: (artifact: Extract<Artifact, { kind: K }>) => void } = {
  views: ({ originals, first, second }) => {
    expect(total(grid(originals, 16))).toBeGreaterThan(0);
    expect(same(grid(first, 16), originals.pixels)).toBe(false);
    if (second) expect(same(grid(second, 16), first.pixels)).toBe(false);
  },
  relations: ({ first, second, labels, scores, of, means, right }) => {
    expect(of).toBe(32);
    expect(same(grid(first, 12), grid(second, 12))).toBe(false);
    expect([labels.length, scores.length]).toEqual([12, 144]);
    // Two of each of the first classes.
    expect([...labels]).toEqual([...labels].sort((a, b) => a - b));
    for (const label of labels) expect(labels.filter((l) => l === label).length).toBeLessThanOrEqual(2);
    shares(...scores, ...Object.values(means), ...Object.values(right));
    expect(new Set(scores).size).toBeGreaterThan(100);
  },
  embedding: ({ points, labels, images, explained, spread, representations }) => {
    const { values, columns, dimensions, heldOut, available, step, kept } = representations!;
    // Held-out images first, then those of training.
    expect([values.length, labels.length, heldOut, available, step]).toEqual([96 * columns, 96, 32, 96, 1]);
    expect(columns).toBe(Math.min(dimensions, 50));
    grid(images, 96);
    finite(values);
    shares(...explained, kept);
    expect(explained[0]).toBeGreaterThanOrEqual(explained[1]);
    expect(kept).toBeGreaterThanOrEqual(explained[0] + explained[1] - 1e-6);
    expect(points).toEqual(plane({ values, columns }));
    if (spread !== null) {
      expect(spread).toBeGreaterThan(0);
      expect(spread).toBeLessThan(1.01);
    }
    // Principal components are centred and uncorrelated.
    const [x, y] = [0, 1].map((axis) => points.filter((_, i) => i % 2 === axis)) as [Float32Array, Float32Array];
    const sum = (values: Float32Array) => values.reduce((a, v) => a + v, 0);
    const power = (values: Float32Array) => values.reduce((a, v) => a + v * v, 0);
    expect(Math.abs(sum(x))).toBeLessThan(1e-3 * Math.sqrt(power(x) * 96));
    expect(Math.abs(sum(x.map((v, i) => v * y[i]!)))).toBeLessThan(1e-3 * Math.sqrt(power(x) * power(y)) + 1e-9);
  },
  gradients: ({ nets, draws }) => {
    expect(draws).toBe(2000);
    for (const { name, errors } of nets) {
      finite(errors.flatMap(({ bias, deviation, noise }) => [bias, deviation, noise]));
      const of = (estimator: string) => errors.find((error) => error.name === estimator)!;
      // What is unbiased shows no bias beyond its own noise; what is not, does.
      for (const unbiased of ['reinforce', 'arm', ...(name.startsWith('one') ? ['psa'] : [])])
        expect(of(unbiased).bias, `${unbiased}, ${name}`).toBeLessThan(2 * of(unbiased).noise + 1e-3);
      expect(of('identity').bias).toBeGreaterThan(0.3);
      expect(of('psa').deviation).toBeLessThan(of('reinforce').deviation);
    }
  },
  annealing: ({ stages, frames, nats }) => {
    expect([stages, frames.length, nats.length]).toEqual([6, 7, 3]);
    for (const frame of frames) grid(frame, 10);
    finite(nats);
  },
  parts: ({ originals, truth, parts, rounds }) => {
    expect([originals.n, originals.shape, truth.length, parts, rounds.length]).toEqual([6, [32, 32, 3], 6 * 1024, 4, 2]);
    for (const { whole, images, masks, attention, ari } of rounds) {
      expect([whole.n, images.n, masks.length, ari.length]).toEqual([6, 24, 24 * 1024, 6]);
      expect(attention.shares.length).toBe(24 * 256);
      finite(ari);
      // Of one pixel, rounded.
      const sum = [0, 1, 2, 3].reduce((total, k) => total + masks[k * 1024]!, 0);
      expect(Math.abs(sum - 255)).toBeLessThan(3);
    }
  },
  objects: ({ originals, truth, slots, seen, attention }) => {
    expect([originals.n, originals.shape, slots]).toEqual([8, [32, 32, 3], 4]);
    expect([truth.length, seen.length, attention.shares.length]).toEqual([8 * 5 * objectSize, 8 * 4 * objectSize, 8 * 4 * 256]);
    shares(...truth, ...seen);
    // The shares of one place, rounded.
    const sum = [0, 1, 2, 3].reduce((total, k) => total + attention.shares[k * 256]!, 0);
    expect(Math.abs(sum - 255)).toBeLessThan(3);
  },
  things: ({ originals, objects, painted, each, things, edited }) => {
    expect([originals.n, painted.n, objects.length, each, things.length, edited]).toEqual([8, 8, 8, 16, 8 * 16 * 5, null]);
    finite(things);
    for (let i = 0; i < things.length; i += 5) expect([0, 1]).toContain(things[i]);
  },
  clusters: ({ total: count, nmi, clusters }) => {
    expect(count).toBeGreaterThan(1);
    expect(clusters.reduce((sum, { size }) => sum + size, 0)).toBe(64);
    shares(nmi, ...clusters.map(({ purity }) => purity));
    const sizes = clusters.map(({ size }) => size);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    for (const { size, images, majority } of clusters) {
      grid(images, Math.min(10, size));
      expect(majority).toBeLessThan(10);
    }
  },
  neighbours: ({ among, queries, queryLabels, each, images, labels, cosines }) => {
    expect([among, each, queryLabels.length, labels.length, cosines.length]).toEqual([64, 8, 24, 192, 192]);
    grid(queries, 24);
    expect(total(grid(images, 192))).toBeGreaterThan(0);
    cosines.forEach((cosine, i) => {
      expect(Math.abs(cosine)).toBeLessThan(1 + 1e-5);
      if (i % each > 0) expect(cosine).toBeLessThanOrEqual(cosines[i - 1]!);
    });
  },
  confusion: ({ accuracy, nmi, clusters }) => {
    shares(accuracy, nmi);
    // Every held-out image is in one cluster; the matched classes are different, and come in their order.
    expect(clusters.flatMap(({ counts }) => counts).reduce((sum, n) => sum + n, 0)).toBe(32);
    const matched = clusters.map(({ match }) => match).filter((match) => match >= 0);
    expect(matched).toEqual([...new Set(matched)].sort((a, b) => a - b));
    expect(clusters.reduce((sum, { match, counts }) => sum + (counts[match] ?? 0), 0) / 32).toBeCloseTo(accuracy, 9);
    for (const { counts, images } of clusters)
      grid(
        images,
        Math.min(
          8,
          counts.reduce((sum, n) => sum + n, 0),
        ),
      );
  },
  spectrum: ({ images, parts }) => {
    expect(images).toBe(32);
    expect(parts[0]!.name).toBe('h');
    for (const { columns, std, singular, rank } of parts) {
      expect([std.length, singular.length]).toEqual([columns, Math.min(columns, 31)]);
      // Both say how far the normalized rows are from their mean: the same variance in all, and no more than 1 each.
      const power = (values: Float32Array) => values.reduce((sum, v) => sum + v * v, 0) / columns;
      expect(power(std)).toBeCloseTo(power(singular), 4);
      expect(power(std)).toBeLessThan(1 + 1e-5);
      expect([...std]).toEqual([...std].sort((a, b) => b - a));
      expect(rank).toBeGreaterThan(1);
      expect(rank).toBeLessThanOrEqual(Math.min(columns, 32) + 0.01);
    }
  },
  memorization: ({ of, samples, heldOut }) => {
    expect(of).toBe(32);
    for (const { images, training, distances, median } of [samples, heldOut]) {
      grid(images, 12);
      expect(total(grid(training, 12))).toBeGreaterThan(0);
      expect([...distances]).toEqual([...distances].sort((a, b) => a - b));
      expect(median).toBeGreaterThanOrEqual(distances[0]!);
    }
  },
  reconstructions: ({ originals, reconstructions }) => {
    grid(originals, 24);
    expect(total(grid(reconstructions, 24))).toBeGreaterThan(0);
  },
  samples: ({ images, temperature, readings }) => {
    expect(total(grid(images, 36))).toBeGreaterThan(0);
    expect(temperature).toBe(1);
    // Scenes of digits alone are read.
    expect(readings?.length).toBe(images.shape[0] === 32 ? 36 : undefined);
    for (const { digits } of readings ?? []) expect(digits).toHaveLength(4);
  },
  interpolation: ({ rows, columns, images }) => {
    expect([rows, columns]).toEqual([6, 9]);
    const pixels = grid(images, 54);
    // Ends differ: the row leads somewhere.
    const size = pixels.length / 54;
    expect(same(pixels.slice(0, size), pixels.slice(8 * size, 9 * size))).toBe(false);
  },
  latents: ({ kl }) => {
    expect([2, 4]).toContain(kl.length);
    expect(kl.every((v) => v >= 0 && Number.isFinite(v))).toBe(true);
  },
  manifold: ({ side, span, images, means, labels }) => {
    expect(span).toBe(3);
    grid(images, side * side);
    expect([means.length, labels.length]).toEqual([64, 32]);
    finite(means);
  },
  graph: ({ truth, learned, searched, edges }) => {
    expect([truth.length, learned.length, searched.length, edges]).toEqual([400, 400, 400, '']);
    expect(edgesOf(truth).length).toBeGreaterThan(0);
    expect([truth, searched].every(isAcyclic)).toBe(true);
  },
  segmentation: ({ volume, volumes, images, truth, found, dice }) => {
    expect([volume, volumes, images.n, dice.length]).toEqual([1, 10, 16, 3]);
    expect([images.shape, images.pixels.length]).toEqual([[32, 32, 1], 16 * 1024]);
    expect([truth.length, found.length]).toEqual([16 * 1024, 16 * 1024]);
    expect(Math.max(...truth)).toBe(3);
    expect(found.every((label) => label <= 3)).toBe(true);
  },
  integral: ({ variables, pairs, logZ, logZExact }) => {
    expect(Math.abs(logZ - logZExact!)).toBeLessThan(1);
    for (const { approximate, exact } of variables)
      for (const masses of [approximate, exact!]) expect(masses.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    for (const { density, rows, columns } of pairs) {
      expect(density.length).toBe(rows * columns);
      expect(density.every((v) => v >= 0 && Number.isFinite(v))).toBe(true);
    }
    expect(pairs.filter(({ cut }) => cut)).toHaveLength(1);
  },
  density: ({ side, extent, density, data, samples, frames, lines, perLine, nll, entropy }) => {
    expect(density.length).toBe(side * side);
    expect(density.every((v) => v >= 0 && Number.isFinite(v))).toBe(true);
    // The cells are a midpoint rule: what lies in the square cannot hold more than everything.
    const mass = density.reduce((sum, v) => sum + v, 0) * ((2 * extent) / side) ** 2;
    expect(mass).toBeGreaterThan(0.5);
    expect(mass).toBeLessThan(1.02);
    expect([data.length, samples.length]).toEqual([2000, 2000]);
    finite(samples);
    for (const frame of frames) {
      expect(frame.length).toBe(2 * lines * perLine);
      finite(frame);
    }
    if (frames.length) {
      // The first frame is the grid of noise itself, its lines from −3 to 3.
      expect([frames[0]![0], frames[0]![1], frames[0]!.at(-1)]).toEqual([-3, -3, 3]);
      expect(same(frames.at(-1), frames[0])).toBe(false);
    }
    expect(nll).toBeGreaterThan(entropy - 0.1);
  },
  sets: ({ size, extent, data, samples }) => {
    expect([size, data.length, samples.length]).toEqual([32, 24 * 64, 24 * 64]);
    finite(samples);
    expect(data.every((v) => Math.abs(v) <= extent)).toBe(true);
    expect(same(data, samples)).toBe(false);
  },
  passage: ({ names, there, back }) => {
    expect(names).toEqual(['fold', 'slice', 'curve']);
    // From two numbers to one and back.
    expect(there.map(({ columns }) => columns)).toEqual([2, 2, 1, 1]);
    expect(back.map(({ columns }) => columns)).toEqual([1, 1, 2, 2]);
    for (const { columns, values } of [...there, ...back]) {
      expect(values.length).toBe(800 * columns);
      finite(values);
    }
    // The sign of the first number is lost in the first layer alone, and the second is carried on.
    const [data, folded] = [there[0]!.values, there[1]!.values];
    data.forEach((v, i) => {
      const line = Math.log(Math.expm1(Math.abs(v)));
      expect(folded[i]).toBeCloseTo(i % 2 ? v : line > 0 ? line - 1 : -Math.sqrt(1 - 2 * line), 3);
    });
  },
  ratios: ({ batch, seen, truth, estimate, curve }) => {
    expect([batch, seen, truth.length, estimate.length]).toEqual([16, 16, 3, 3]);
    finite(estimate);
    expect(truth.reduce((sum, v) => sum + v, 0)).toBeCloseTo(9, 4);
    const { x, means, deviations } = curve!;
    expect([curve!.truth.length, curve!.estimate.length, means.length, deviations.length]).toEqual([3 * x.length, 3 * x.length, 4, 4]);
    finite(curve!.estimate);
  },
  weighted: ({ side, extent, target, samplers }) => {
    expect(target.length).toBe(side * side);
    expect(target.reduce((sum, v) => sum + v, 0) * ((2 * extent) / side) ** 2).toBeCloseTo(1, 2);
    for (const { points, inGap, logWeights, ess, gap, stages } of samplers) {
      expect([points.length, inGap.length, logWeights.length]).toEqual([4000, 2000, 2000]);
      finite(points);
      finite(logWeights);
      shares(ess, gap);
      expect(inGap.reduce((a, v) => a + v, 0) / 2000).toBeCloseTo(gap, 9);
      if (stages.length) expect(same(stages.at(-1)!.points, points)).toBe(true);
    }
  },
};

const ofRepresentations: ArtifactKind[] = ['embedding', 'neighbours', 'confusion', 'spectrum'];
const cases: [string, Partial<RunSpec>, ArtifactKind[]][] = [
  ['simclr', { method: 'simclr', data: 'mnist' }, ['views', ...ofRepresentations]],
  ['byol', { method: 'byol', data: 'mnist' }, ['views', ...ofRepresentations]],
  ['relational', { method: 'relational', data: 'mnist', settings: { views: 3 } }, ['views', 'relations', ...ofRepresentations]],
  [
    'vae with 2 latents',
    { method: 'vae', data: 'mnist', settings: { latents: 2 } },
    [...ofRepresentations, 'reconstructions', 'samples', 'memorization', 'interpolation', 'manifold', 'latents'],
  ],
  [
    'vae with 3 latents',
    { method: 'vae', data: 'mnist', settings: { latents: 3 } },
    [...ofRepresentations, 'reconstructions', 'samples', 'memorization', 'interpolation', 'latents'],
  ],
  [
    'realnvp on images',
    { method: 'realnvp', data: 'mnist', settings: { couplings: 1, width: 8 } },
    ['samples', 'memorization', 'interpolation'],
  ],
  ['realnvp on points', { method: 'realnvp', data: 'two-moons', settings: { couplings: 4, width: 16 } }, ['density']],
  ['survae on points', { method: 'survae', data: 'corners', settings: { stack: 'fold, slice, curve', width: 16 } }, ['density', 'passage']],
  [
    'survae on images',
    { method: 'survae', data: 'mnist', settings: { stack: 'dequantize, squeeze, affine, max', width: 8 } },
    ['samples', 'memorization'],
  ],
  ['survae on sets', { method: 'survae', data: 'mnist-points', settings: { stack: 'sort, affine', width: 8 } }, ['sets']],
  ['realnvp where the energy is known', { method: 'realnvp', data: 'double-well', settings: { couplings: 4 } }, ['density', 'weighted']],
  ['snf', { method: 'snf', data: 'smiley', settings: { couplings: 4, width: 8 } }, ['weighted']],
  ['notears', { method: 'notears', data: 'simulated' }, ['graph']],
  [
    'deepcluster',
    { method: 'deepcluster', data: 'mnist', settings: { clusters: 6, components: 8 } },
    ['views', ...ofRepresentations, 'clusters'],
  ],
  ['tre', { method: 'tre', data: 'simulated', settings: { problem: 'peaked', nats: 9, bridges: 3, batchSize: 16 } }, ['ratios']],
  ['tre-images', { method: 'tre-images', data: 'mnist', settings: { bridges: 3, width: 4, stages: 6 } }, ['annealing']],
  ['psa', { method: 'psa', data: 'mnist', settings: { width: 8 } }, ['gradients']],
  ['slot attention', { method: 'slot-attention', data: 'shapes', settings: { slots: 4, iterations: 2, width: 8 } }, ['parts']],
  ['slot prediction', { method: 'slot-prediction', data: 'shapes', settings: { slots: 4, iterations: 2, width: 8 } }, ['objects']],
  ['global and local contrast', { method: 'local-contrastive', data: 'organs', settings: { batchSize: 4 } }, ['segmentation']],
  ['gnm', { method: 'gnm', data: 'digit-scenes', settings: { parts: 2, latents: 4, what: 4 } }, ['samples', 'things']],
  [
    'vae on scenes',
    { method: 'vae', data: 'digit-scenes', settings: { latents: 4 } },
    ['reconstructions', 'samples', 'interpolation', 'latents'],
  ],
  ['wmi', { method: 'wmi', data: 'simulated', settings: { variables: 3, cells: 5 } }, ['integral']],
];

describe('artifacts', () => {
  it.each(cases)('%s: each kind is whole and finite, leaves no tensor and is the same when made again', async (name, spec, kinds) => {
    const { client, start } = openHarness();
    const { artifacts } = (await start(spec)) as Ready;
    expect([...artifacts].sort()).toEqual([...kinds].sort());
    if (name === 'vae with 3 latents') return;
    await client.ask({ type: 'step' });
    const tensors = tf.memory().numTensors;
    for (const kind of artifacts) {
      const artifact = await client.ask({ type: 'artifact', kind });
      expect(artifact.kind).toBe(kind);
      checks[kind](artifact as never);
      if (artifact.kind === 'density') expect(artifact.frames).toHaveLength(spec.method === 'realnvp' ? 4 + 1 : 0);
      expect(same(await client.ask({ type: 'artifact', kind }), artifact)).toBe(true);
    }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('keep to the count and the temperature asked for, within bounds', async () => {
    const { client, start } = openHarness();
    await start({ method: 'vae', data: 'mnist', settings: { latents: 2 } });
    const samples = async (count: number, temperature: number) => {
      const made = await client.ask({ type: 'artifact', kind: 'samples', options: { count, temperature } });
      if (made.kind !== 'samples') throw new Error(`Asked for samples, got ${made.kind}`);
      return made;
    };
    expect((await samples(1000, 1)).images.n).toBe(64);
    expect((await samples(0, 1)).images.n).toBe(1);
    // Without noise every sample is the same image.
    const { images, temperature } = await samples(2, 0);
    expect(temperature).toBe(0);
    expect(same(images.pixels.slice(0, 784), images.pixels.slice(784))).toBe(true);
    expect(same((await samples(2, 1)).images.pixels, images.pixels)).toBe(false);
  });

  it('show the data untouched', async () => {
    const { client, start } = openHarness();
    await start({ method: 'vae', data: 'mnist', settings: { latents: 2 } });
    const made = async () => {
      const artifact = await client.ask({ type: 'artifact', kind: 'reconstructions', options: { count: 3 } });
      if (artifact.kind !== 'reconstructions') throw new Error(`Asked for reconstructions, got ${artifact.kind}`);
      return artifact.originals.pixels;
    };
    const first = await made();
    await client.ask({ type: 'step' });
    // What was sent moved to the page: the worker's own copy must still be there.
    expect(same(await made(), first)).toBe(true);
    expect(total(first)).toBeGreaterThan(0);
  });
});
