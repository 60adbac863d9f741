import { drawNumbers, type Preset, presets, problemText } from '../data/constraints/draw.ts';
import { readProblem } from '../data/constraints/language.ts';
import { choice, int, real, text, type Values } from '../hparams.ts';
import { exactly } from '../nets/integral/exact.ts';
import { pictureOf, shownCells } from '../nets/integral/picture.ts';
import { compensate, infeasible, packed, relax, uniform, unpacked } from '../nets/integral/relax.ts';
import { scoresOf } from '../nets/integral/score.ts';
import { latest } from '../ops/latest.ts';
import * as tf from '../tf.ts';
import { defineIteration } from './method.ts';

const hparams = {
  problem: choice('loop', presets, { doc: 'drawn by the seed, or your own' }),
  variables: int(5, { min: 3, max: 8, doc: 'of a loop or tree' }),
  own: text('x, y in [0, 2]; k in {0..3}; wet bool; x + y <= 3; wet => x >= 1/2; |y - k/2| <= 3/4; weight x*y; weight 2 if wet', {
    doc: 'statements, with semicolons between; the lesson has the language',
    pattern: /.{1,600}/,
    expected: 'up to 600 signs',
  }),
  cut: choice('loops', ['loops', 'all'], { doc: 'the edges that close loops, or every one' }),
  cells: int(20, { min: 1, max: 40, doc: 'in which copies must agree; 1: no compensation' }),
  damping: real(0, { min: 0, max: 0.95, doc: 'share of the old potentials that stays' }),
};
type Hp = Values<typeof hparams>;
type State = { readonly drawn: tf.Tensor1D; readonly potentials: tf.Tensor1D };

/** The problem and its forest; `drawn` are the numbers that decide it. */
function open(hp: Hp, drawn: ArrayLike<number>) {
  const text = problemText(hp.problem as Preset, hp.variables, hp.own, Array.from(drawn));
  const problem = readProblem(text);
  return { text, problem, relaxed: relax(problem, hp.cut, hp.cells) };
}

/** The truth, where it can be had: by conditioning on at most two variables. Throws where no point satisfies the problem. */
const truthOf = latest((text) => {
  const problem = readProblem(text);
  const exact = exactly(problem, shownCells);
  if (exact && !(exact.z > 0)) throw infeasible(problem);
  return exact;
});

/** Where a run stands: its forest with the potentials so far. */
async function stand({ drawn, potentials }: State, hp: Hp) {
  const opened = open(hp, await drawn.data());
  const theta = unpacked(await potentials.data(), opened.relaxed);
  return { ...opened, found: compensate(opened.relaxed, theta, hp.damping) };
}
export const wmi = defineIteration({
  id: 'wmi',
  name: 'Weighted model integration',
  family: 'inference',
  paper: {
    authors: 'Zeng, Morettin, Yan, Vergari, Van den Broeck',
    year: 2020,
    title: 'Scaling up Hybrid Probabilistic Inference with Logical and Arithmetic Constraints via Message Passing',
    arxiv: '2003.00126',
  },
  summary: 'Integrate polynomials over constraints exactly on a tree; cut loops by copying variables, and make the copies agree.',
  equation: String.raw`Z = \sum_b \int_{x \models \Delta} \prod_{ij} w_{ij}\,dx,\qquad m_{i \to j}(x_j) = \int f_{ij}(x_i, x_j) \prod_{k \ne j} m_{k \to i}(x_i)\,dx_i`,
  data: 'simulated',
  units: { logZ: 'nats', gap: 'nats' },
  hparams,
  tuned: () => ({ steps: 20 }),

  init: ({ hp, rng }): State => {
    const drawn = drawNumbers(hp.variables, rng);
    const { relaxed } = open(hp, drawn);
    compensate(relaxed, uniform(relaxed), 0); // Throws if nothing satisfies even the relaxed constraints.
    return { drawn: tf.tensor1d(drawn), potentials: tf.tensor1d(packed(uniform(relaxed))) };
  },
  iterate: async (state, { hp }) => {
    const { text, found } = await stand(state, hp);
    const exact = truthOf(text);
    const truth = exact ? { gap: Math.abs(found.logZ - Math.log(exact.z)) } : {};
    return {
      state: { drawn: state.drawn, potentials: tf.tensor1d(packed(found.next)) },
      metrics: { loss: found.disagreement, logZ: found.logZ, ...truth },
    };
  },

  integral: async ({ state }, { hp }) => {
    const { text, problem, relaxed, found } = await stand(state, hp);
    return pictureOf(text, problem.variables.length, relaxed, found, truthOf(text));
  },
  score: async ({ state }, { hp, rng }) => {
    const { text, problem, relaxed, found } = await stand(state, hp);
    return scoresOf(problem, relaxed, found, truthOf(text), hp.damping, rng);
  },
});
