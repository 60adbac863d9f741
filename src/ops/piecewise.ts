/**
 * A piecewise polynomial: `pieces[k]` holds the Legendre coefficients of the polynomial on [breaks[k], breaks[k + 1]], mapped to
 * [−1, 1]. Float64. Legendre series are well conditioned where powers are not, so that products and integrals stay exact to rounding.
 */
export type Piecewise = { readonly breaks: readonly number[]; readonly pieces: readonly Float64Array[] };

type Rule = { readonly nodes: Float64Array; readonly weights: Float64Array; readonly project: Float64Array };
const rules: Rule[] = [];

/**
 * The Gauss–Legendre rule of n points on [−1, 1], exact for polynomials of degree 2n − 1 (n = 2: ±1/√3, weights 1), and the n × n
 * matrix that takes the values at its nodes to Legendre coefficients: c_k = (2k + 1)/2 Σ w_i P_k(t_i) f(t_i).
 */
export function gauss(n: number): Rule {
  const known = rules[n];
  if (known) return known;
  const [nodes, weights, project] = [new Float64Array(n), new Float64Array(n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) {
    let t = Math.cos((Math.PI * (n - i - 0.25)) / (n + 0.5));
    let slope = 0;
    for (let turn = 0; turn < 100; turn++) {
      const [last, before] = legendre(n, t);
      slope = (n * (before - t * last)) / (1 - t * t);
      const move = last / slope;
      t -= move;
      if (Math.abs(move) < 1e-16) break;
    }
    nodes[i] = t;
    weights[i] = 2 / ((1 - t * t) * slope * slope);
    for (let k = 0; k < n; k++) project[k * n + i] = (k + 0.5) * weights[i]! * legendre(k, t)[0];
  }
  const rule = { nodes, weights, project };
  rules[n] = rule;
  return rule;
}

/** P_n(t) and P_{n−1}(t). */
function legendre(n: number, t: number): readonly [number, number] {
  let [last, before] = [1, 0];
  for (let k = 0; k < n; k++) [last, before] = [((2 * k + 1) * t * last - k * before) / (k + 1), last];
  return [last, before];
}

/** The polynomial through f, of at most `degree` on [from, to]; exact if f is one. Coefficients that are only rounding are left out. */
export function fit(f: (x: number) => number, from: number, to: number, degree: number): Float64Array {
  const n = degree + 1;
  const { nodes, project } = gauss(n);
  const [middle, half] = [(from + to) / 2, (to - from) / 2];
  const c = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const value = f(middle + half * nodes[i]!);
    if (value !== 0) for (let k = 0; k < n; k++) c[k]! += project[k * n + i]! * value;
  }
  let largest = 0;
  for (let k = 0; k < n; k++) largest = Math.max(largest, Math.abs(c[k]!));
  let length = n;
  while (length > 1 && Math.abs(c[length - 1]!) <= 4e-15 * largest) length--;
  return c.subarray(0, length);
}

/** The function that is a polynomial of at most `degree` between neighbours among `breaks` (ascending). */
export const piecewise = (breaks: readonly number[], degree: number, f: (x: number) => number): Piecewise => ({
  breaks,
  pieces: breaks.slice(1).map((to, k) => fit(f, breaks[k]!, to, degree)),
});

/** Numbers within [low, high], both ends included, ascending, those that rounding alone tells apart taken once. */
export function breaksOf(numbers: readonly number[], low: number, high: number): number[] {
  const apart = 1e-12 * (high - low);
  const sorted = numbers.filter((x) => x > low + apart && x < high - apart).sort((a, b) => a - b);
  const inner = sorted.filter((x, i) => i === 0 || x - sorted[i - 1]! > apart);
  return [low, ...inner, high];
}

/** The highest degree of any piece. */
export const degreeOf = ({ pieces }: Piecewise): number => Math.max(...pieces.map((c) => c.length)) - 1;

/** The value at x; beyond the ends, that at the end. */
export function valueAt({ breaks, pieces }: Piecewise, x: number): number {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (breaks[middle]! <= x) low = middle;
    else high = middle - 1;
  }
  const [from, to, c] = [breaks[low]!, breaks[low + 1]!, pieces[low]!];
  const t = Math.max(-1, Math.min(1, (2 * x - from - to) / (to - from)));
  // Clenshaw: b_k = c_k + (2k + 1)/(k + 1) t b_{k+1} − (k + 1)/(k + 2) b_{k+2}.
  let [b, next] = [0, 0];
  for (let k = c.length - 1; k >= 0; k--) [b, next] = [c[k]! + ((2 * k + 1) / (k + 1)) * t * b - ((k + 1) / (k + 2)) * next, b];
  return b;
}

/** The integral over all of its pieces. */
export const integrate = ({ breaks, pieces }: Piecewise): number =>
  pieces.reduce((sum, c, k) => sum + (breaks[k + 1]! - breaks[k]!) * c[0]!, 0);

/** x ↦ ∫ t^power p(t) dt from the first break to x. */
export function antiderivative(p: Piecewise, power = 0): Piecewise {
  let sum = 0;
  const pieces = p.pieces.map((own, k) => {
    const [from, to] = [p.breaks[k]!, p.breaks[k + 1]!];
    const piece = { breaks: [from, to], pieces: [own] };
    const c = power === 0 ? own : fit((t) => t ** power * valueAt(piece, t), from, to, own.length - 1 + power);
    const half = (to - from) / 2;
    // ∫ P_k = (P_{k+1} − P_{k−1})/(2k + 1), and P_1 + P_0 for k = 0.
    const out = new Float64Array(c.length + 1);
    for (const [i, value] of c.entries()) {
      const share = (half * value) / (2 * i + 1);
      out[i + 1]! += share;
      out[Math.max(0, i - 1)]! += i === 0 ? share : -share;
    }
    out[0]! += sum;
    sum += 2 * half * c[0]!;
    return out;
  });
  return { breaks: p.breaks, pieces };
}

/** The product; all factors must reach over the same interval. */
export function multiply(factors: readonly Piecewise[]): Piecewise {
  const [first, ...rest] = factors;
  if (!first) throw new Error('A product of piecewise polynomials needs at least one factor');
  if (rest.length === 0) return first;
  const breaks = breaksOf(
    factors.flatMap((p) => p.breaks),
    first.breaks[0]!,
    first.breaks.at(-1)!,
  );
  const degree = factors.reduce((sum, p) => sum + degreeOf(p), 0);
  return piecewise(breaks, degree, (x) => factors.reduce((value, p) => value * valueAt(p, x), 1));
}
