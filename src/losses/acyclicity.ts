import * as tf from '../tf.ts';

/** (I + P)(I + Q) − I without ever adding I: what is small beside 1 keeps its digits. */
const compose = (p: tf.Tensor2D, q: tf.Tensor2D): tf.Tensor2D => tf.add(tf.add(p, q), tf.matMul(p, q));

/** exp(A) − I by scaling and squaring: the Taylor series of A/2⁶ to order 8, then squared six times. */
function exponential(a: tf.Tensor2D): tf.Tensor2D {
  const small: tf.Tensor2D = tf.div(a, 64);
  // Horner: B + B²/2 + B³/6 + … = B(I + B/2 (I + B/3 (…))).
  let series = small;
  for (let k = 8; k > 1; k--) series = tf.add(small, tf.div(tf.matMul(small, series), k));
  for (let k = 0; k < 6; k++) series = compose(series, series);
  return series;
}

/** (I + A/d)^m − I by repeated squaring. */
function power(a: tf.Tensor2D, m: number): tf.Tensor2D {
  let square: tf.Tensor2D = tf.div(a, a.shape[0]);
  let out: tf.Tensor2D | null = null;
  for (let rest = m; rest > 0; rest >>= 1) {
    if (rest & 1) out = out ? compose(out, square) : square;
    square = compose(square, square);
  }
  return out ?? tf.zerosLike(a);
}

const eye = (d: number) => tf.eye(d) as tf.Tensor2D;
const trace = (a: tf.Tensor2D) => tf.sum(tf.mul(a, eye(a.shape[0]))) as tf.Scalar;

type Measure = (a: tf.Tensor2D) => tf.Scalar;

/** h(A) from `f`, with f's second result as the gradient: one more product than h itself, where tfjs would take one for each. */
const withGradient = (f: (a: tf.Tensor2D) => { h: tf.Scalar; slope: tf.Tensor2D }): Measure =>
  tf.customGrad((...args) => {
    const [a, save] = args as unknown as [tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    const { h, slope } = f(a);
    save([slope]);
    return { value: h, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0]!) };
  }) as unknown as Measure;

/**
 * How far a graph with the strengths A ≥ 0, [d, d], is from having no cycle: 0 exactly if it has none, else the weighted closed walks.
 * `exponential`: h(A) = tr exp(A) − d, ∇h = exp(A)ᵀ (NOTEARS: Zheng et al. 2018, arXiv 1803.01422, eq. 6, with A = W∘W).
 * `polynomial`: h(A) = tr (I + A/d)^d − d, ∇h = ((I + A/d)^(d−1))ᵀ (Yu et al. 2019, arXiv 1904.10098).
 * By hand: two nodes that point at each other with A = 1 have h = 2 cosh(1) − 2 ≈ 1.086, and 0.5. ∇h(A)_ij > 0 exactly if there is a
 * path j ⇝ i. In float32 h keeps its relative precision however small it is, since the identity is never added; good to a spectral
 * radius of A of about 60.
 */
export const acyclicity = {
  exponential: withGradient((a) => {
    const e = exponential(a);
    return { h: trace(e), slope: tf.transpose(tf.add(e, eye(a.shape[0]))) };
  }),
  polynomial: withGradient((a) => {
    const d = a.shape[0];
    const almost = power(a, d - 1);
    return { h: trace(compose(almost, tf.div(a, d))), slope: tf.transpose(tf.add(almost, eye(d))) };
  }),
} as const;
