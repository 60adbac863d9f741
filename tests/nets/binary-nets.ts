/** Nets of random ±1 units in plain numbers, summed over all their states. */

/** All vectors of n values ±1. */
export const signs = (n: number): number[][] =>
  Array.from({ length: 2 ** n }, (_, s) => Array.from({ length: n }, (_, i) => ((s >> i) & 1 ? 1 : -1)));
export const F = (a: number) => 1 / (1 + Math.exp(-a));

/** Dense layers, w [n][m] and b [m]; the readout is the last. */
export type Plain = { readonly w: number[][]; readonly b: number[] }[];
export const pre = (x: number[], { w, b }: Plain[number]) => b.map((bj, j) => bj + x.reduce((sum, xi, i) => sum + xi * w[i]![j]!, 0));

const loss = (logits: number[], y: number[]) =>
  Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits.reduce((sum, z, k) => sum + z * y[k]!, 0);

/** E[loss] by a plain sum over all paths. */
export function expected(plain: Plain, x: number[], y: number[], l = 0): number {
  const a = pre(x, plain[l]!);
  if (l === plain.length - 1) return loss(a, y);
  return signs(a.length).reduce((sum, s) => sum + s.reduce((p, sj, j) => p * F(sj * a[j]!), 1) * expected(plain, s, y, l + 1), 0);
}

/** Every joint state of the hidden layers with its probability. */
export function paths(plain: Plain, input: number[]): { states: number[][]; p: number }[] {
  let found = [{ states: [] as number[][], p: 1 }];
  for (const layer of plain.slice(0, -1))
    found = found.flatMap(({ states, p }) => {
      const a = pre(states.at(-1) ?? input, layer);
      return signs(a.length).map((s) => ({ states: [...states, s], p: s.reduce((q, sj, j) => q * F(sj * a[j]!), p) }));
    });
  return found;
}

/** ∂f by central differences in each of these numbers, which are moved in place. */
export const slopes = (rows: readonly number[][], f: () => number): number[] =>
  rows.flatMap((row) =>
    row.map((value, j) => {
      const h = 1e-5;
      const at = (v: number) => {
        row[j] = v;
        return f();
      };
      const slope = (at(value + h) - at(value - h)) / (2 * h);
      row[j] = value;
      return slope;
    }),
  );

export const distance = (a: number[], b: number[]) => Math.hypot(...a.map((v, i) => v - b[i]!)) / Math.hypot(...b);
