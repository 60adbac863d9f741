import * as tf from '../tf.ts';
import { compute, type Program, runsPrograms } from './kernels/program.ts';

const constants = { rows: 'int', temperature: 'float' } as const;
/** Row i of s, and the place of its positive in it. */
const row = (i: string) => [`${i} * rows`, `${i} * rows + (${i} + rows / 2) % rows`] as const;

const forward: Program = {
  name: 'pair-cross-entropy',
  inputs: ['S'],
  constants,
  body: ({ at, constant, float, int, loop }) => {
    const [start, positive] = row('index');
    const each = (body: string) => loop('k', 'rows', `if (k != index) { ${body} }`);
    const s = at('S', `${start} + k`);
    return `${int('rows', constant('rows'))} ${float('top', '-1e30')} ${float('total', '0.0')}
      ${each(`top = max(top, ${s});`)}
      ${each(`total = total + exp((${s} - top) / ${constant('temperature')});`)}
      result = log(total) + (top - ${at('S', positive)}) / ${constant('temperature')};`;
  },
};

/** ∂ℓᵢ/∂sᵢₖ = (softmaxₖ − [k = j]) / τ, where softmaxₖ = exp((sᵢₖ − sᵢⱼ)/τ − ℓᵢ), and 0 at k = i. */
const backward: Program = {
  name: 'pair-cross-entropy-gradient',
  inputs: ['D', 'S', 'L'],
  constants,
  body: ({ at, constant, float, int }) => {
    const [start, positive] = row('i');
    return `${int('rows', constant('rows'))} ${int('i', 'index / rows')}
      ${float('share', `exp((${at('S', 'index')} - ${at('S', positive)}) / ${constant('temperature')} - ${at('L', 'i')})`)}
      if (index == ${start} + i) { share = 0.0; }
      if (index == ${positive}) { share = share - 1.0; }
      result = ${at('D', 'i')} * share / ${constant('temperature')};`;
  },
};

/** The same two functions in tfjs's ops, for the processor. */
function withOps(s: tf.Tensor2D, temperature: number) {
  const n = s.shape[0];
  const self = tf.eye(n);
  const [first, second] = tf.split(self, 2) as [tf.Tensor2D, tf.Tensor2D];
  const partner = tf.concat([second, first]);
  const logits = tf.sub(tf.div(s, temperature), tf.mul(self, 1e9));
  const top = tf.max(logits, 1, true);
  const e = tf.exp(tf.sub(logits, top));
  const total = tf.sum(e, 1, true);
  const positive = tf.sum(tf.mul(logits, partner), 1);
  return { losses: tf.sub(tf.reshape(tf.add(tf.log(total), top), [n]), positive), slopes: tf.sub(tf.div(e, total), partner) };
}

/**
 * The cross-entropy of picking, in each row of similarities, the partner out of all others but oneself:
 *   ℓᵢ = −log exp(sᵢⱼ/τ) / Σ_{k≠i} exp(sᵢₖ/τ),  j = (i + N) mod 2N
 * `s` [2N, 2N] → [2N], nats. Its gradient is written out: (softmax − one-hot) / τ. First-order gradients only.
 */
export function pairCrossEntropy(s: tf.Tensor2D, temperature: number): tf.Tensor1D {
  const n = s.shape[0];
  if (n !== s.shape[1] || n % 2) throw new Error(`pairCrossEntropy got similarities [${s.shape}], expected [2N, 2N]`);
  const op = tf.customGrad((x, saver) => {
    const [s, save] = [x as tf.Tensor2D, saver as unknown as tf.GradSaveFunc];
    if (runsPrograms()) {
      const losses = compute<tf.Rank.R1>(forward, [s], [n], [n, temperature]);
      save([s, losses]);
      const gradFunc = (dy: tf.Tensor, [s, losses]: tf.Tensor[]) => compute(backward, [dy, s!, losses!], [n, n], [n, temperature]);
      return { value: losses, gradFunc };
    }
    const { losses, slopes } = withOps(s, temperature);
    save([slopes]);
    const gradFunc = (dy: tf.Tensor, [slopes]: tf.Tensor[]) => tf.mul(tf.div(tf.expandDims(dy, 1), temperature), slopes!);
    return { value: losses, gradFunc };
  });
  return op(s) as tf.Tensor1D;
}
