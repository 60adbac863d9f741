/** What panels show of a run: plain numbers and bytes, ready to be sent to a page. */
import type { Ratios } from '../data/ratios.ts';
import type { Integral } from '../nets/integral/picture.ts';

/** Bytes of images, NHWC, n of them. */
export type ImageGrid = { readonly n: number; readonly shape: readonly [number, number, number]; readonly pixels: Uint8Array };

/** Images beside their nearest training images, nearest first; the median is that of all, not of these alone. */
export type Nearest = {
  readonly images: ImageGrid;
  readonly training: ImageGrid;
  readonly distances: Float32Array;
  readonly median: number;
};

/**
 * Representations as coordinates along their leading principal axes, largest variance first: [n × columns], at most 50 columns.
 * The first `heldOut` rows are the held-out images from the first on, the others the training images.
 */
export type Representations = {
  readonly step: number;
  readonly values: Float32Array;
  readonly columns: number;
  /** Share of the variance that the columns hold, and how many dimensions the representation has. */
  readonly kept: number;
  readonly dimensions: number;
  readonly heldOut: number;
  /** Images that may be shown in all. */
  readonly available: number;
};

/** Draws [x0, y0, …], whether each lies where hardly any data do, and its log w − log Z: 0 for all of a perfect sampler. */
export type Sampler = {
  readonly name: string;
  readonly points: Float32Array;
  readonly inGap: Uint8Array;
  readonly logWeights: Float32Array;
  readonly ess: number;
  readonly gap: number;
  readonly reverseKl: number;
  readonly freeEnergy: number;
  /** The same draws after each layer: first the noise, last themselves. Empty where the method does not tell. */
  readonly stages: readonly { readonly name: string; readonly points: Float32Array }[];
};

export type Artifact =
  /** The two views of one batch beside their originals. */
  | { readonly kind: 'views'; readonly originals: ImageGrid; readonly first: ImageGrid; readonly second: ImageGrid | null }
  /**
   * What is related to what: scores in [0, 1] of the first view of held-out image i with the second view of image j, [n × n] row by row;
   * and over `of` images the mean score of two views of one image, of two images of one class (NaN: none) and of two classes, and the
   * shares of pairs that ½ tells right: of one image, of two.
   */
  | {
      readonly kind: 'relations';
      readonly first: ImageGrid;
      readonly second: ImageGrid;
      readonly labels: Uint8Array;
      readonly scores: Float32Array;
      readonly of: number;
      readonly means: { readonly own: number; readonly alike: number; readonly other: number };
      readonly right: { readonly own: number; readonly other: number };
    }
  /** PCA of representations to 2-D: [x0, y0, x1, …], labels, the images themselves; share of variance by axis. */
  | {
      readonly kind: 'embedding';
      readonly points: Float32Array;
      readonly labels: Uint8Array;
      readonly images: ImageGrid;
      readonly explained: readonly [number, number];
      /**
       * √d × mean standard deviation of the normalized projection: 1 spread, 0 collapsed. Null without a projection: representations behind
       * a ReLU all point nearly the same way, and are none the worse.
       */
      readonly spread: number | null;
      /** What other pictures of the same rows are made of; recordings lack it. */
      readonly representations?: Representations;
    }
  /** Held-out images, and the `each` nearest training images of each of them by the cosine of representations, nearest first. */
  | {
      readonly kind: 'neighbours';
      /** Training images that were looked through. */
      readonly among: number;
      readonly queries: ImageGrid;
      readonly queryLabels: Uint8Array;
      readonly each: number;
      readonly images: ImageGrid;
      readonly labels: Uint8Array;
      readonly cosines: Float32Array;
    }
  /** k-means clusters of held-out representations by class: each row a cluster, matched to a class one to one, in the order of the classes. */
  | {
      readonly kind: 'confusion';
      readonly accuracy: number;
      readonly nmi: number;
      readonly ami: number;
      readonly ari: number;
      readonly clusters: readonly { readonly match: number; readonly counts: readonly number[]; readonly images: ImageGrid }[];
    }
  /**
   * √d × the standard deviations of held-out representations h and projections z, rows normalized: of each dimension, and along the
   * principal axes; largest first. All 1 where rows cover the sphere evenly. `rank`: their effective number.
   */
  | {
      readonly kind: 'spectrum';
      readonly images: number;
      readonly parts: readonly {
        readonly name: 'h' | 'z';
        readonly columns: number;
        readonly std: Float32Array;
        readonly singular: Float32Array;
        readonly rank: number;
      }[];
    }
  /** Training images by pseudo-label: the largest clusters first, each with its size, purity and most common class. */
  | {
      readonly kind: 'clusters';
      readonly total: number;
      readonly nmi: number;
      readonly clusters: readonly {
        readonly label: number;
        readonly size: number;
        readonly purity: number;
        readonly majority: number;
        readonly images: ImageGrid;
      }[];
    }
  | { readonly kind: 'reconstructions'; readonly originals: ImageGrid; readonly reconstructions: ImageGrid }
  /** Draws of the model; where the data keep a rule, the digit read in each quarter of each, −1 none, and whether that obeys. */
  | {
      readonly kind: 'samples';
      readonly temperature: number;
      readonly images: ImageGrid;
      readonly readings?: readonly { readonly digits: readonly number[]; readonly obeys: boolean }[];
    }
  /** The samples nearest to a training image, and the held-out images nearest to one: each beside it, with the distance of features. */
  | {
      readonly kind: 'memorization';
      /** Of how many each these are the nearest. */
      readonly of: number;
      readonly samples: Nearest;
      readonly heldOut: Nearest;
    }
  /** Rows of images from one held-out image to another through latent space. */
  | { readonly kind: 'interpolation'; readonly rows: number; readonly columns: number; readonly images: ImageGrid }
  /** Mean KL of each latent dimension over held-out images, nats. */
  | { readonly kind: 'latents'; readonly kl: Float32Array }
  /** Decoded grid over the two latents: row by row from (−span, −span), and held-out posterior means with labels. */
  | {
      readonly kind: 'manifold';
      readonly side: number;
      readonly span: number;
      readonly images: ImageGrid;
      readonly means: Float32Array;
      readonly labels: Uint8Array;
    }
  /**
   * Weights of a graph's edges, [d × d] row by row, w[i·d + j] of i → j: the truth, what was learned, and that after a search.
   * `edges`: the setting that holds the true edges, null where there is none.
   */
  | {
      readonly kind: 'graph';
      readonly truth: Float32Array;
      readonly learned: Float32Array;
      readonly searched: Float32Array;
      readonly edges: string | null;
    }
  /** Gradient estimators against the exact gradient, on nets small enough to enumerate; in units of its norm. */
  | {
      readonly kind: 'gradients';
      readonly draws: number;
      readonly nets: readonly {
        readonly name: string;
        readonly errors: readonly { readonly name: string; readonly bias: number; readonly deviation: number; readonly noise: number }[];
      }[];
    }
  /** Slices of one held-out volume, 1 … volumes; the true class of each pixel and the one found; Dice of each class but 0. */
  | {
      readonly kind: 'segmentation';
      readonly volume: number;
      readonly volumes: number;
      readonly images: ImageGrid;
      readonly truth: Uint8Array;
      readonly found: Uint8Array;
      readonly dice: readonly number[];
    }
  /** 2-D density on a side × side grid over [−extent, extent]² (rows from −extent up), true samples, model samples. */
  | {
      readonly kind: 'density';
      readonly side: number;
      readonly extent: number;
      readonly density: Float32Array;
      readonly data: Float32Array;
      readonly samples: Float32Array;
      /** A grid of lines in noise space after each layer: frames[k] holds lines × perLine points [x, y, …]; none of a method without stages. */
      readonly frames: readonly Float32Array[];
      readonly lines: number;
      readonly perLine: number;
      readonly nll: number;
      readonly entropy: number;
    }
  /** Sets of `size` points [x0, y0, x1, …] one after another, on [−extent, extent]²: held out, and drawn from the model. */
  | {
      readonly kind: 'sets';
      readonly size: number;
      readonly extent: number;
      readonly temperature: number;
      readonly data: Float32Array;
      readonly samples: Float32Array;
    }
  /** Points after each layer, on the way to noise and back: [n × columns] each; layers may change the number of columns. */
  | {
      readonly kind: 'passage';
      /** Of the layers, from data to noise. */
      readonly names: readonly string[];
      readonly there: readonly Cloud[];
      readonly back: readonly Cloud[];
    }
  /** Estimated and true log-ratios. Rows of a batch, and rows seen so far: log of either is a ceiling of what samples can show. */
  | ({ readonly kind: 'ratios'; readonly batch: number; readonly seen: number } & Ratios)
  /** Walks from noise, first, to samples, last, of so many stages; and what each bridge adds to held-out images, nats [m], the one next to the data first. */
  | { readonly kind: 'annealing'; readonly stages: number; readonly frames: readonly ImageGrid[]; readonly nats: Float32Array }
  /** A density of known energy on a grid as above, and draws of one sampler or two beside each other. */
  | {
      readonly kind: 'weighted';
      readonly data: string;
      readonly side: number;
      readonly extent: number;
      readonly target: Float32Array;
      /** Exact, of the half x > 0 against the other, in kT. */
      readonly freeEnergy: number;
      readonly samplers: readonly Sampler[];
    }
  /**
   * Scenes taken apart, round by round. `truth`: the object of each pixel, [n × H × W], 0 the background. Of each round: the image
   * that all parts make together; what each paints, [n × parts]; its share of each pixel as bytes, [n × parts × H × W], and where it
   * looked, [n × parts × h × w], 255 for all; `found`, the part that owns each pixel, [n × H × W]; foreground ARI of each scene.
   */
  | {
      readonly kind: 'parts';
      readonly originals: ImageGrid;
      readonly truth: Uint8Array;
      readonly parts: number;
      readonly rounds: readonly {
        readonly whole: ImageGrid;
        readonly images: ImageGrid;
        readonly masks: Uint8Array;
        readonly attention: { readonly side: readonly [number, number]; readonly shares: Uint8Array };
        readonly found: Uint8Array;
        readonly ari: Float32Array;
      }[];
    }
  /**
   * Scenes and their objects as `packObjects` lays them out: true ones, [n × 5 × objectSize], and what each slot says, [n × slots ×
   * objectSize]; and where each slot looked, as bytes [n × slots × h × w], 255 for all.
   */
  | {
      readonly kind: 'objects';
      readonly originals: ImageGrid;
      readonly truth: Float32Array;
      readonly slots: number;
      readonly seen: Float32Array;
      readonly attention: { readonly side: readonly [number, number]; readonly shares: Uint8Array };
    }
  /**
   * Scenes and the things found in them, `each` a scene: presence, down, right, side in pixels, and depth, [n × each × 5]; how many there
   * truly are; what the things found look like together; and one scene rearranged.
   */
  | {
      readonly kind: 'things';
      readonly originals: ImageGrid;
      readonly objects: readonly number[];
      readonly painted: ImageGrid;
      readonly each: number;
      readonly things: Float32Array;
      readonly edited: { readonly edit: Edit; readonly image: ImageGrid } | null;
    }
  /** What a method that integrates says of its problem: the graph of factors, pair densities, marginals beside exact ones. */
  | ({ readonly kind: 'integral' } & Integral);
/** Points of some number of coordinates. */
export type Cloud = { readonly columns: number; readonly values: Float32Array };
export type ArtifactKind = Artifact['kind'];
/** A scene put together anew from things that were found in it: each looks like number `from`, its centre in pixels. */
export type Edit = {
  readonly scene: number;
  readonly things: readonly { readonly from: number; readonly y: number; readonly x: number }[];
};
export type ArtifactOptions = {
  readonly temperature?: number;
  readonly count?: number;
  /** Which one of several, from 1 on. */
  readonly volume?: number;
  readonly edit?: Edit;
};
