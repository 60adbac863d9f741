import type { Energy, ImageShape, Shape } from '../data/dataset.ts';
import type { Ratios } from '../data/ratios.ts';
import type { Specs, Value, Values } from '../hparams.ts';
import type { Integral } from '../nets/integral/picture.ts';
import type { Estimator } from '../nets/stochastic-binary.ts';
import type { Things } from '../nets/symbols.ts';
import type { ImageTelescope } from '../nets/telescope.ts';
import type { Rng } from '../ops/random.ts';
import type { Tree } from '../ops/tree.ts';
import type { Scalar, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from '../tf.ts';

/** Rows of any data that have rows: images [N, H, W, C], sets of points [N, K, 2] or points [N, 2]. */
export type Rows = Tensor4D | Tensor3D | Tensor2D;

/** What one step sees. Images are float32 in [0, 1], NHWC; `index` is each row's place in the training set (int32). */
export type Batches = {
  /** Two views of each image, or as many as the method's own setting `views` says. */
  readonly views: { readonly views: readonly [Tensor4D, Tensor4D, ...Tensor4D[]]; readonly index: Tensor1D };
  readonly view: { readonly view: Tensor4D; readonly index: Tensor1D };
  readonly images: { readonly x: Tensor4D };
  /** With each row's class, int32 [N] in 0 … classes − 1: for what studies how to train, not what to learn without labels. */
  readonly labelled: { readonly x: Tensor4D; readonly y: Tensor1D };
  readonly points: { readonly x: Tensor2D };
  /** Points of a density whose energy is known too: `c.energy`. */
  readonly energy: { readonly x: Tensor2D };
  readonly imagesOrPoints: { readonly x: Tensor4D | Tensor2D };
  /** Images, points, or sets of points [N, K, 2]: everything that has rows. */
  readonly any: { readonly x: Rows };
  /** Images of several objects, and the objects themselves, [N, 5, objectSize], as `packObjects` lays them out: for who is told the answer. */
  readonly scenes: { readonly x: Tensor4D; readonly objects: Tensor3D };
  /** Slices of volumes; others at the same heights, each of another volume; the heights, 0 (bottom) to 1 (top); as many whose pixels have labels. */
  readonly slices: {
    readonly x: Tensor4D;
    readonly twins: Tensor4D;
    readonly height: Tensor1D;
    /** y: [N, H, W, classes], one-hot. */
    readonly labelled: { readonly x: Tensor4D; readonly y: Tensor4D };
  };
  /** Images of one thing, or of several that keep a rule. */
  readonly pictures: { readonly x: Tensor4D };
  /** Nothing but how many rows to draw: the method simulates its own data. */
  readonly simulated: { readonly rows: number };
};
export type BatchKind = keyof Batches;
/** The shape of one row of the data. */
export type ShapeOf<D extends BatchKind> = D extends 'any'
  ? ImageShape | readonly [number, 2] | readonly [2]
  : D extends 'imagesOrPoints'
    ? ImageShape | readonly [2]
    : D extends 'points' | 'energy'
      ? readonly [2]
      : D extends 'simulated'
        ? readonly []
        : ImageShape;

/** The energy of the data, where it is known. */
export type EnergyOf<D extends BatchKind> = D extends 'energy' ? Energy : Energy | null;

export type Context<S extends Specs, D extends BatchKind = BatchKind> = {
  readonly hp: Values<S>;
  /** The shape of one row of the data, and how many rows the training set has (0: endless). */
  readonly shape: ShapeOf<D>;
  readonly size: number;
  /** Rows of a batch. */
  readonly batchSize: number;
  readonly energy: EnergyOf<D>;
  /** How many classes the data have; 0: none. */
  readonly classes: number;
  /** The random stream of this step (or of this evaluation). */
  readonly rng: Rng;
  /** Share of the run that is done, 0 to 1: schedules read it. */
  readonly progress: number;
};

/** The training set as `epoch` sees it. */
export type EpochData = {
  readonly size: number;
  /** Rows of `f` over the whole set, computed in batches and read back: [size × columns], row by row. */
  map(f: (x: Tensor4D) => Tensor2D): Promise<{ readonly values: Float32Array; readonly columns: number }>;
};

/** The loss to minimize; further numbers for the charts; and what `after` needs from the forward pass. */
export type Objective<Aux extends Tree> = { loss: Scalar; metrics?: Record<string, Scalar>; aux?: Aux };

/** What `epoch` may replace. New `params` also reset those parameters' optimizer moments. */
export type EpochResult<P extends Tree, St extends Tree> = {
  readonly state: St;
  readonly params?: { readonly [K in keyof P]?: P[K] };
  /** The rows to visit next, in order; a shuffle of the set when absent. */
  readonly order?: Int32Array;
  /** Numbers for the charts, e.g. the NMI between successive assignments. */
  readonly metrics?: Readonly<Record<string, number>>;
};

/** What `iterate` makes of a step; `loss` is what goes to 0 as it converges. */
export type Iteration<St extends Tree> = {
  readonly state: St;
  readonly metrics: Readonly<Record<string, number>> & { readonly loss: number };
};

export type Run<P extends Tree, St extends Tree> = { readonly params: P; readonly state: St };

export type Paper = { readonly authors: string; readonly year: number; readonly title: string; readonly arxiv: string };

/** Points that a sampler drew, [N, 2], and log w = −u(x) − log q(x), [N], nats: w is Z on average, whatever the sampler. */
export type Weighted = {
  readonly name: string;
  readonly x: Tensor2D;
  readonly logWeights: Tensor1D;
  /** The same points on their way, from the noise to x. */
  readonly stages: readonly { readonly name: string; readonly y: Tensor2D }[];
};

/**
 * An image taken apart into K objects: each one's share of each pixel as it paints, [N, K, H, W]; what it paints, [N, K, H, W, C]; its
 * share of each pixel once its colour is compared with that, `owners`, [N, K, H, W]; and the attention that it paid each place,
 * [N, K, h, w]. All shares sum to 1 over K.
 */
export type Parts = { readonly masks: Tensor4D; readonly images: Tensor5D; readonly owners: Tensor4D; readonly attention: Tensor4D };

/**
 * What K slots say of an image's objects, an unordered set, [N, K, objectSize], as `packObjects` lays them out; and the attention that
 * each paid each place, [N, K, h, w], shares that sum to 1 over K.
 */
export type Described = { readonly objects: Tensor3D; readonly attention: Tensor4D };

/**
 * A method is a plain object of pure functions. `params` is what the optimizer moves; `state` is everything else
 * that outlives a step (target network, centroids, assignments): a constant in `loss` by construction.
 * Its functions are written as methods, whose parameters TypeScript compares both ways: so every method is also a plain `Method`.
 * Everything after `loss` is a capability: panels and scores appear because the function exists.
 */
export type Method<
  S extends Specs = Specs,
  D extends BatchKind = BatchKind,
  P extends Tree = Tree,
  St extends Tree = Tree,
  Aux extends Tree = Tree,
> = {
  readonly id: string;
  readonly name: string;
  readonly family:
    | 'contrastive'
    | 'relational'
    | 'self-distillation'
    | 'variational'
    | 'flow'
    | 'clustering'
    | 'density-ratio'
    | 'structure'
    | 'discrete'
    | 'objects'
    | 'inference';
  readonly paper: Paper;
  /** One sentence. */
  readonly summary: string;
  /** TeX. */
  readonly equation: string;
  readonly data: D;
  /** Which shapes of data it can take, where not all of their kind. */
  readonly fits?: (shape: Shape) => boolean;
  /** The set that its page and the command line begin with, where that is not the first accepted one. */
  readonly opensOn?: string;
  readonly hparams: S;
  /** Units of the loss and of each metric, where they have one. */
  readonly units?: Readonly<Record<string, string>>;
  /** Departures from the shared training defaults (steps, batchSize, learningRate, …) and from `hparams`' own, by data. */
  readonly tuned?: (shape: Shape) => Readonly<Record<string, Value>>;

  init(c: Context<S, D>): { params: P; state: St };
  loss(params: P, state: NoInfer<St>, batch: Batches[D], c: Context<S, D>): Objective<Aux>;
  /** After each optimizer step: the next state (EMA target, queue, centre). Absent = state never changes. */
  after?(params: P, state: NoInfer<St>, aux: NoInfer<Aux>, c: Context<S, D>): NoInfer<St>;
  /** Before the first step and between epochs: k-means, prototypes. */
  epoch?(params: P, state: NoInfer<St>, data: EpochData, c: Context<S, D>): Promise<EpochResult<NoInfer<P>, NoInfer<St>>>;

  /** Representation h, [N, D]; each row depends on its own input alone. */
  embed?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): Tensor2D;
  /** What the loss compares (projection z), [N, d]. */
  project?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): Tensor2D;
  /** Score in [0, 1] of each row of x with each row of y: are both views of one image? [N, M]; each depends on its own pair alone. */
  relate?(run: Run<P, St>, x: Tensor4D, y: Tensor4D, c: Context<S, D>): Tensor2D;
  /** Probability of each class, [N, classes]. */
  classify?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): Tensor2D;
  /** The objects of each image, after each round of those that find them; the last is the answer. */
  segment?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): readonly Parts[];
  /** The objects of each image by their properties. */
  describe?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): Described;
  /** Probability of each pixel's class, [N, H, W, classes]. */
  pixelClasses?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): Tensor4D;
  /** The things in each image by what describes them: presence, box, depth and look. */
  perceive?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): Things;
  /** The image that things make, [N, H, W, C], and their shares of each pixel, [N, K + 1, H, W], the last one the background's; they sum to 1. */
  compose?(run: Run<P, St>, things: Things, c: Context<S, D>): { readonly image: Tensor4D; readonly shares: Tensor4D };
  /** Pseudo-label of each training row, int32 [size]. */
  assignments?(run: Run<P, St>): Tensor1D;
  /** Posterior mean and log-variance, [N, D] each. */
  encode?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): { mu: Tensor2D; logVar: Tensor2D };
  /** Mean image of a latent, [N, H, W, C] in [0, 1]. */
  decode?(run: Run<P, St>, z: Tensor2D, c: Context<S, D>): Tensor4D;
  /** −ELBO's two terms in nats for each row: reconstruction [N], KL by latent dimension [N, D]. */
  elboTerms?(run: Run<P, St>, x: Tensor4D, c: Context<S, D>): { reconstruction: Tensor1D; kl: Tensor2D };
  /** Log-weights of k draws z ~ q(z|x): log p(x, z) − log q(z|x) in nats, [N, k]. Their mean is the ELBO, log-mean-exp a tighter bound. */
  logWeights?(run: Run<P, St>, x: Tensor4D, k: number, c: Context<S, D>): Tensor2D;
  /** log p(x) in nats, [N]; of images as 256-level pixels (dequantized: a lower bound). */
  logProb?(run: Run<P, St>, x: Rows, c: Context<S, D>): Tensor1D;
  /** Data → noise, [N, D]. */
  forward?(run: Run<P, St>, x: Tensor4D | Tensor2D, c: Context<S, D>): Tensor2D;
  /** Noise → data: `forward`'s exact inverse. */
  inverse?(run: Run<P, St>, z: Tensor2D, c: Context<S, D>): Tensor4D | Tensor2D;
  /** The noise after each layer on its way to data: first the noise itself, last the data. */
  stages?(run: Run<P, St>, z: Tensor2D, c: Context<S, D>): Tensor2D[];
  /**
   * Points after each layer: on their way to noise (first x itself), and noise after each layer on its way to data (first z), n rows.
   * Layers may drop or add coordinates. Names of the layers in the order from data to noise.
   */
  passage?(
    run: Run<P, St>,
    x: Tensor2D,
    c: Context<S, D>,
  ): { readonly names: readonly string[]; readonly there: readonly Tensor2D[]; readonly back: readonly Tensor2D[] };
  /** n weighted draws of each of its samplers; the first is its own, further ones are there to compare. Needs data with an energy. */
  weighted?(run: Run<P, St>, n: number, c: Context<S, D>): readonly Weighted[];
  /**
   * The graph among its variables, weights [d × d] row by row, w[i·d + j] of i → j and 0 where there is none: the truth that was
   * simulated, what training has learned, and what a local search makes of that.
   */
  graph?(run: Run<P, St>, c: Context<S, D>): Promise<{ truth: Float64Array; learned: Float64Array; searched: Float64Array }>;
  /** The gradient estimators that the method chooses among, by name; on any net of random ±1 units. */
  gradientEstimators?(c: Context<S, D>): Readonly<Record<string, { readonly estimate: Estimator; readonly relaxed?: number }>>;
  /**
   * One step of a method that descends no gradient, in place of `loss`, the optimizer and `after`: the next state, whose tensors are
   * new or those of the old one, and what the charts show. Made by `defineIteration`.
   */
  iterate?(state: NoInfer<St>, c: Context<S, D>): Promise<Iteration<NoInfer<St>>>;
  /** The problem that it integrates, and what it says of every variable and pair so far. */
  integral?(run: Run<P, St>, c: Context<S, D>): Promise<Integral>;
  /** Scores of its own, by their names in `scoreKeys`: against the truth of what it simulated, say. */
  score?(run: Run<P, St>, c: Context<S, D>): Promise<Readonly<Record<string, number>>>;
  /** Estimated log-ratios beside the true ones, bridge by bridge. */
  ratios?(run: Run<P, St>, c: Context<S, D>): Promise<Ratios>;
  /** Its density of images, known but for a constant, as ratios above Gaussian noise: what annealing needs. */
  telescope?(run: Run<P, St>, c: Context<S, D>): ImageTelescope;
  /** n draws from the model; the prior's standard deviation is the temperature (1 = the model itself). */
  sample?(run: Run<P, St>, n: number, temperature: number, c: Context<S, D>): Rows;
};

/** An identity at run time: it fixes the type parameters by inference. */
// biome-ignore lint/complexity/noBannedTypes: no state is the empty tree
export const defineMethod = <S extends Specs, D extends BatchKind, P extends Tree, St extends Tree = {}, Aux extends Tree = {}>(
  method: Method<S, D, P, St, Aux>,
): Method<S, D, P, St, Aux> => method;

/** The same for a method that iterates instead of descending a gradient: it has no parameters, and its `loss` is never called. */
export const defineIteration = <S extends Specs, D extends BatchKind, St extends Tree>({
  init,
  ...method
}: Omit<Method<S, D, object, St>, 'init' | 'loss'> &
  Required<Pick<Method<S, D, object, St>, 'iterate'>> & {
    init(c: Context<S, D>): St;
  }): Method<S, D, object, St> => ({
  ...method,
  init: (c) => ({ params: {}, state: init(c) }),
  loss: () => {
    throw new Error(`${method.name} has no loss to differentiate: its steps are taken by iterate`);
  },
});
