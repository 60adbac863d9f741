import { covarianceOf, drawSem } from '../data/linear-sem.ts';
import { choice, int, real, text } from '../hparams.ts';
import { acyclicity } from '../losses/acyclicity.ts';
import { compareGraphs, thresholded } from '../ops/dag.ts';
import { dagProblem, searchDag } from '../ops/dag-search.ts';
import { tidy } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  graph: choice('ER', ['ER', 'SF'], { doc: 'true graph: Erdős–Rényi or scale-free' }),
  nodes: int(20, { min: 2, max: 50, doc: 'd, how many variables' }),
  edgesPerNode: int(2, { min: 1, max: 4, doc: 'of the true graph, on average' }),
  samples: int(1000, { min: 8, max: 5000, scale: 'log', doc: 'n, drawn once' }),
  noise: choice('gaussian', ['gaussian', 'exponential', 'gumbel'], { doc: 'of each node, unit scale' }),
  edges: text('', {
    pattern: /none|(?:\d+>\d+(?: \d+>\d+)*)?/,
    expected: 'edges such as "0>1 1>2"',
    doc: 'true edges, “0>1 1>2”; empty: drawn',
  }),
  acyclicity: choice('exponential', ['exponential', 'polynomial'], { doc: 'h(W), zero without cycles', when: 'live' }),
  sparsity: real(0.1, { min: 0, max: 1, doc: 'λ of the ℓ1 norm' }),
  threshold: real(0.3, { min: 0, max: 1, doc: 'ω: weaker edges are dropped' }),
  penaltyGrowth: real(2, { min: 1, max: 100, scale: 'log', doc: 'factor of ρ where h does not fall to a quarter' }),
};

/** The data and the truth; the augmented Lagrangian's α and ρ, and h when they were last updated. */
type State = {
  readonly X: tf.Tensor2D;
  readonly truth: tf.Tensor2D;
  readonly alpha: tf.Scalar;
  readonly rho: tf.Scalar;
  readonly before: tf.Scalar;
};
type Run = { readonly params: { readonly W: tf.Tensor2D }; readonly state: State };
type C = Context<typeof hparams, 'simulated'>;

const read = async (tensors: readonly tf.Tensor[]) => Promise.all(tensors.map(async (t) => Float64Array.from(await t.data())));

/** The graphs of a run in float64: the truth, NOTEARS' own after the threshold, and what the local search makes of it. */
async function graphs({ params, state }: Run, { hp }: C) {
  const [W, X, truth] = await read([params.W, state.X, state.truth]);
  const learned = thresholded(W!, hp.threshold);
  const problem = dagProblem(covarianceOf(X!, hp.nodes), hp.sparsity);
  return { truth: truth!, learned, searched: thresholded(searchDag(learned, problem), hp.threshold) };
}

/** Pairs of nodes that are joined otherwise than in truth: the structural Hamming distance. */
function distance(W: tf.Tensor2D, truth: tf.Tensor2D, threshold: number): tf.Scalar {
  const wrong = tf.abs(tf.sub(tf.step(tf.sub(tf.abs(W), threshold)), tf.step(tf.abs(truth))));
  return tf.div(tf.sum(tf.step(tf.add(wrong, tf.transpose(wrong)))), 2);
}

const h = (W: tf.Tensor2D, hp: C['hp']) => acyclicity[hp.acyclicity](tf.square(W));

/** h before the first update: larger than any. */
const never = 1e30;
/** Beyond it ρh² outweighs the data so far that nothing moves any more. */
const mostRho = 1e8;

/**
 * Differs: Adam takes 100 steps for each value of α and ρ, where the paper solves each subproblem by L-BFGS-B, with W in two parts that
 * are not negative; so ρ grows by 2 instead of 10. The local search is that of arXiv 2010.09133, see ops/dag-search.ts.
 */
export const notears = defineMethod({
  id: 'notears',
  name: 'NOTEARS',
  family: 'structure',
  paper: {
    authors: 'Zheng, Aragam, Ravikumar, Xing',
    year: 2018,
    title: 'DAGs with NO TEARS: Continuous Optimization for Structure Learning',
    arxiv: '1803.01422',
  },
  summary: 'Find which variable acts on which by gradient descent on weights, while a smooth function counts the cycles.',
  equation: String.raw`\min_W \tfrac{1}{2n}\lVert X - XW\rVert_F^2 + \lambda\lVert W\rVert_1 + \alpha\,h(W) + \tfrac{\rho}{2}h(W)^2,\qquad h(W) = \operatorname{tr} e^{W \circ W} - d`,
  data: 'simulated',
  hparams,
  tuned: () => ({ steps: 3000, batchSize: 1024, learningRate: 0.03, weightDecay: 0 }),

  init: ({ hp, rng }) => {
    const { nodes: d, samples: n } = hp;
    const { w, x } = drawSem(hp, rng);
    const multipliers = { alpha: tf.scalar(0), rho: tf.scalar(1), before: tf.scalar(never) };
    const state: State = { X: tf.tensor2d(x, [n, d]), truth: tf.tensor2d(Float32Array.from(w), [d, d]), ...multipliers };
    return { params: { W: tf.zeros<tf.Rank.R2>([d, d]) }, state };
  },
  loss: (params, { X, truth, alpha, rho }, { rows }, { hp, rng }) => {
    // No variable explains itself: without a gradient the diagonal stays at 0.
    const W = tf.sub(params.W, tf.mul(params.W, tf.eye(hp.nodes))) as tf.Tensor2D;
    const n = hp.samples;
    const seen = rows < n ? tf.gather(X, tf.tensor1d(rng.permutation(n).subarray(0, rows), 'int32')) : X;
    const error = tf.div(tf.sum(tf.square(tf.sub(seen, tf.matMul(seen, W)))), 2 * seen.shape[0]);
    const cycles = h(W, hp);
    const lagrangian = tf.add(tf.mul(alpha, cycles), tf.mul(tf.div(rho, 2), tf.square(cycles)));
    const loss = tf.add(tf.add(error, tf.mul(hp.sparsity, tf.sum(tf.abs(W)))), lagrangian) as tf.Scalar;
    return { loss, metrics: { h: cycles, shd: distance(W, truth, hp.threshold) } };
  },
  epoch: async ({ W }, state, _, c) => {
    if (c.progress === 0) return { state };
    const { before } = tidy(() => ({ before: h(W, c.hp) }));
    const [now, last, alpha, rho] = (await read([before, state.before, state.alpha, state.rho])).map(([v]) => v!) as [
      number,
      number,
      number,
      number,
    ];
    const next = now > last / 4 ? Math.min(mostRho, rho * c.hp.penaltyGrowth) : rho;
    const metrics: Record<string, number> = {};
    // On larger graphs the search takes seconds: there only scores and pictures ask for it.
    if (c.hp.nodes <= 30) {
      const { truth, searched } = await graphs({ params: { W }, state }, c);
      metrics.shdSearched = compareGraphs(truth, searched).shd;
    }
    return { state: { ...state, before, rho: tf.scalar(next), alpha: tf.scalar(alpha + next * now) }, metrics };
  },
  graph: graphs,
});
