import type { CompareSearch } from '../compare-address.ts';
import type { Factors } from './plan.ts';

/** A ready-made experiment: what it asks, and what to look at when it is done. */
export type Preset = Factors & {
  readonly id: string;
  readonly name: string;
  /** One sentence. */
  readonly teaches: string;
  /** What to look at when it is done. */
  readonly look: string;
  /** How the Compare page shows it best. */
  readonly view?: CompareSearch;
};

const steps = (amount: number) => ({ kind: 'steps', amount }) as const;
const plain = { data: ['mnist'], vary: [], combine: 'all', seeds: [0, 1] } as const;

/** Small enough for a lesson: each takes minutes on a laptop of two cores. */
export const presets: readonly Preset[] = [
  {
    ...plain,
    id: 'simclr-byol',
    name: 'SimCLR against BYOL',
    teaches: 'One pushes other images away, the other never looks at them: which learns the better features in the same number of steps?',
    look: 'The losses measure different things: do not compare them. Compare the linear probe and the kNN, and how far two seeds of one method lie apart: a difference smaller than that is none.',
    methods: ['simclr', 'byol'],
    budget: steps(500),
  },
  {
    ...plain,
    id: 'byol-predictor',
    name: 'BYOL without its predictor',
    teaches:
      'Nothing in BYOL’s loss forbids one and the same answer for every image: what keeps it from that, the predictor or the stopped gradient?',
    look: 'Look at the spread of the embeddings (embeddingStd) before the loss: a loss near zero with a spread near zero is a collapse, not a success. With both it stays at 0.92; without the predictor it fell to 0.12, without the stopped gradient to 0.03 (seed 0). The linear probe fell only to about that of an untrained encoder (92 to 95 against 96 %), nearest neighbours further (83 to 89 against 93 %).',
    view: { metric: 'embeddingStd,loss' },
    methods: ['byol'],
    vary: [
      { setting: 'predictor', values: [true, false] },
      { setting: 'stopGradient', values: [true, false] },
    ],
    budget: steps(300),
  },
  {
    ...plain,
    id: 'temperature',
    name: 'Temperature of NT-Xent',
    teaches: 'τ decides how much the hardest negatives count: too small follows noise, too large pushes all alike.',
    look: 'The level of the loss changes with τ by its very definition, so it says nothing here. Nor do the probes after so short a run: 95.9 to 96.4 % with seed 0; hold that against how far two seeds lie apart. What τ moves at once is how near two views of an image lie (alignment) and how evenly all images are spread (uniformity).',
    methods: ['simclr'],
    vary: [{ setting: 'temperature', values: [0.05, 0.1, 0.2, 0.5, 1] }],
    budget: steps(300),
  },
  {
    ...plain,
    id: 'batch-size',
    name: 'Batch size matters: SimCLR or BYOL?',
    teaches: 'SimCLR’s negatives come from the batch, BYOL has none: which of the two minds a small batch?',
    look: 'Every run sees as many images, so small batches take more steps: put images on the x-axis. Then compare how much each method’s probe moves from the smallest batch to the largest.',
    view: { x: 'images' },
    methods: ['simclr', 'byol'],
    vary: [{ setting: 'batchSize', values: [16, 64, 256] }],
    budget: { kind: 'images', amount: 38_400 },
  },
  {
    ...plain,
    id: 'beta',
    name: 'β of the VAE',
    teaches: 'β sets the price of a nat in the code: cheap codes copy the image, dear ones fall silent.',
    look: 'Plot the KL term and the reconstruction apart: they trade places as β grows, 29 and 111 nats at ¼, 3 and 171 at 4. Only β = 1 is the bound on the likelihood, so compare −ELBO among the scores: after so few steps the cheap codes of ¼ are still ahead (140 against 146 nats).',
    view: { metric: 'reconstruction,kl' },
    methods: ['vae'],
    vary: [{ setting: 'beta', values: [0.25, 1, 4, 16] }],
    seeds: [0],
    budget: steps(500),
  },
  {
    ...plain,
    id: 'couplings',
    name: 'How many couplings does a flow need?',
    teaches: 'Each affine coupling moves one coordinate only: how many does it take to bend a Gaussian into two moons?',
    look: 'The likelihood is exact, so the negative log-likelihood of held-out points is comparable between all runs, and the entropy of the data is its floor: see where more couplings stop paying.',
    // Sixteen couplings begin with a leap to 60 nats, beside which all else would be flat.
    view: { logy: true },
    methods: ['realnvp'],
    data: ['two-moons'],
    vary: [{ setting: 'couplings', values: [1, 2, 4, 8, 16] }],
    budget: steps(1000),
  },
  {
    ...plain,
    id: 'clusters',
    name: 'k of DeepCluster',
    teaches: 'There are ten digits, but DeepCluster need not know: what happens with fewer clusters than classes, and with far more?',
    look: 'The loss starts at log k, so it is not comparable between different k. Compare the probes: 30 clusters were ahead (97.5 %, seed 0), 5 and 300 behind (97.0, 96.0 %). And the stability: the agreement of the clusters of one epoch with those of the epoch before.',
    view: { metric: 'loss,stability' },
    methods: ['deepcluster'],
    vary: [{ setting: 'clusters', values: [5, 10, 30, 100, 300] }],
    budget: steps(620),
  },
  {
    ...plain,
    id: 'views',
    name: 'How many views does relational reasoning need?',
    teaches: 'K views of each image give K(K − 1)/2 pairs of it, but a step takes K times as long: what is a further view worth?',
    look: 'Every run takes as many steps of as many images, so more views see more. Compare the probes at the end with the seconds that each run took, and how far two seeds lie apart: a gain smaller than that is none.',
    view: { metric: 'pairAccuracy', x: 'seconds' },
    methods: ['relational'],
    vary: [
      { setting: 'batchSize', values: [32] },
      { setting: 'views', values: [2, 4, 8, 16] },
    ],
    budget: steps(300),
  },
  {
    ...plain,
    id: 'augmentation',
    name: 'Which augmentation matters most?',
    teaches: 'A view decides what the features may forget: switch one augmentation off at a time and see what the others cannot replace.',
    look: 'The loss falls when an augmentation goes, for the task gets easier. Look at the scores beside those of the run with all of them, and at two seeds of each: digits that are never turned were read better (97.1 against 96.4 %, seed 0), while without erasing or shift neighbours got worse (93.0 and 93.1 against 93.8 %).',
    methods: ['simclr'],
    vary: ['rotation', 'scaling', 'shear', 'shift', 'erasing'].map((setting) => ({ setting, values: [0] })),
    combine: 'one',
    budget: steps(300),
  },
];

export const presetOf = (id: string | null): Preset | null => presets.find((preset) => preset.id === id) ?? null;
