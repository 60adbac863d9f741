import type { Numbers } from '../ops/numbers.ts';

/** Height, width, channels. */
export type ImageShape = readonly [number, number, number];

/** Images as bytes, row by row, NHWC, with one label each. */
export type ImageSplit = { readonly size: number; readonly pixels: Uint8Array; readonly labels: Uint8Array };

export type ImageDataset = {
  readonly kind: 'images';
  readonly id: string;
  readonly name: string;
  readonly shape: ImageShape;
  readonly classes: readonly string[];
  readonly train: ImageSplit;
  readonly test: ImageSplit;
};

/** One object of a scene: its shape by name, its colour by place in the palette, centre and radius in pixels, y downwards. */
export type SceneObject = {
  readonly shape: string;
  readonly colour: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
};

/** Scenes with the truth about them: their objects from the farthest to the nearest, and the object of each pixel: 0 none, k the k-th. */
export type SceneSplit = ImageSplit & { readonly masks: Uint8Array; readonly objects: readonly (readonly SceneObject[])[] };

/** What all scenes of digits have in common, and the small digits [n × 12 × 12] by which one reads a scene: none is farther from all than √limit. */
export type DigitRule = { readonly words: string; readonly pixels: Uint8Array; readonly labels: Uint8Array; readonly limit: number };

/** Images of several objects, drawn at load. A kind of its own: classes count the objects, or say which rule-abiding scene it is. */
export type SceneDataset = Omit<ImageDataset, 'kind' | 'train' | 'test'> & {
  readonly kind: 'scenes';
  readonly train: SceneSplit;
  readonly test: SceneSplit;
  readonly rule?: DigitRule;
};

/** Slices of some volumes as bytes, volume after volume, from bottom to top, and the class of each pixel. */
export type VolumeSplit = { readonly size: number; readonly volumes: number; readonly pixels: Uint8Array; readonly labels: Uint8Array };

/** Stacks of aligned slices: the same height shows about the same anatomy in all of them. Class 0 is none. */
export type VolumeDataset = {
  readonly kind: 'volumes';
  readonly id: string;
  readonly name: string;
  /** Of one slice. */
  readonly shape: ImageShape;
  /** Slices of a volume. */
  readonly slices: number;
  readonly classes: readonly string[];
  readonly train: VolumeSplit;
  readonly test: VolumeSplit;
};

/**
 * The energy u(x, y) of a density, which is e^−u up to the factor e^−logZ, in units of kT: plain numbers, so that pages may hold them;
 * `src/data/energy.ts` computes it and its force.
 */
export type Energy = {
  readonly form: /** −log Σ w N(· ; node, σ² I), nodes as [x, y, w]. */
    | { readonly kind: 'mixture'; readonly nodes: readonly (readonly [number, number, number])[]; readonly sigma: number }
    /** (x² − depth)²/4 + tilt·x + y²/2. */
    | { readonly kind: 'wells'; readonly depth: number; readonly tilt: number };
  /** log ∫ e^−u. */
  readonly logZ: number;
  /** F(x > 0) − F(x < 0) = −log of the ratio of the two halves' masses, in kT. */
  readonly freeEnergy: number;
};

/** A 2-D density: endless fresh samples, and the entropy that no model's NLL can beat. */
export type PointDataset = {
  readonly kind: 'points';
  readonly id: string;
  readonly name: string;
  readonly shape: readonly [2];
  /** `count` samples as [x0, y0, x1, y1, …]. */
  readonly sample: (count: number, rng: Numbers) => Float32Array;
  /** Differential entropy in nats, and how it is known. */
  readonly entropy: { readonly nats: number; readonly how: string };
  /** Exact log p(x, y) in nats, −∞ off the support. */
  readonly logDensity?: (x: number, y: number) => number;
  readonly energy?: Energy;
  /** The square [-extent, extent]² that pictures show. */
  readonly extent: number;
};

/** Sets of points in the plane, exchangeable: the order in which a set lists its points means nothing. Endless, and nobody's labels. */
export type SetDataset = {
  readonly kind: 'sets';
  readonly id: string;
  readonly name: string;
  /** Points in a set, and their coordinates. */
  readonly shape: readonly [number, 2];
  /** `count` sets as [x, y, x, y, …], points in random order: of what training may see, or of what is held out. */
  readonly sample: (count: number, rng: Numbers, split: 'train' | 'test') => Float32Array;
  /**
   * Mean −log p of a held-out point in nats, exactly: of an even density on the square; of points drawn each on its own from what all
   * training sets have in common; and the floor, of one who is told what picture each set was drawn from.
   */
  readonly references: () => { readonly uniform: number; readonly independent: number; readonly floor: number };
  /** The points lie in the square [-extent, extent]². */
  readonly extent: number;
};

/** What has no rows of its own: the method draws its problem, and the truth about it, from its settings and the seed. */
export type SimulatedDataset = { readonly kind: 'simulated'; readonly id: string; readonly name: string; readonly shape: readonly [] };

export type Dataset = ImageDataset | SceneDataset | VolumeDataset | PointDataset | SetDataset | SimulatedDataset;
export type Shape = Dataset['shape'];

/** Whether an id names a set of the reader's own: "own-" and a UUID. */
export const isOwn = (id: string): boolean => id.startsWith('own-');

/** Reads a file of `public/data/` by name: fetch in the page, fs in Node. Throws `MissingData` when it is not there. */
export type ReadFile = (name: string) => Promise<Uint8Array>;

/** Data that set-up has not prepared, or that cannot be reached; the message says how to get it. */
export class MissingData extends Error {
  override name = 'MissingData';
}
