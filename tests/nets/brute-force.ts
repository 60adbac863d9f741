import { gauss } from '../../src/ops/piecewise.ts';

/** coefficients · x = c. */
export type Plane = { readonly a: readonly number[]; readonly c: number };

const tiny = 1e-12;

/** The planes on which the integral over the last of `n` coordinates may have a kink: those without it, and where two with it meet. */
function projected(planes: readonly Plane[], n: number): Plane[] {
  const last = n - 1;
  const with_ = planes.filter(({ a }) => Math.abs(a[last]!) > tiny);
  const meet = with_.flatMap((p, k) =>
    with_.slice(0, k).map((q) => ({
      a: p.a.slice(0, last).map((v, i) => v / p.a[last]! - q.a[i]! / q.a[last]!),
      c: p.c / p.a[last]! - q.c / q.a[last]!,
    })),
  );
  const all = [...planes.filter(({ a }) => Math.abs(a[last]!) <= tiny).map(({ a, c }) => ({ a: a.slice(0, last), c })), ...meet];
  const seen = new Map<string, Plane>();
  for (const { a, c } of all) {
    const lead = a.find((v) => Math.abs(v) > tiny);
    if (lead === undefined) continue;
    const unit = { a: a.map((v) => v / lead), c: c / lead };
    seen.set([...unit.a, unit.c].map((v) => v.toFixed(9)).join(), unit);
  }
  return [...seen.values()];
}

/**
 * ∫ f over the box by decomposing it into the cells of an arrangement of planes, one coordinate after another: between neighbouring
 * breaks everything is a polynomial, which 6 Gauss nodes integrate exactly up to degree 11. It knows nothing of trees or messages, and
 * costs the number of planes to the power 2ⁿ⁻¹: for three coordinates at most.
 */
export function bruteForce(
  box: readonly (readonly [number, number])[],
  planes: readonly Plane[],
  f: (x: readonly number[]) => number,
): number {
  const levels: (readonly Plane[])[] = [];
  let current = planes;
  for (let n = box.length; n >= 1; n--) {
    const unit = (v: number) => Array.from({ length: n }, (_, i) => Number(i === v));
    const bounds = box.slice(0, n).flatMap(([low, high], v) => [low, high].map((c) => ({ a: unit(v), c })));
    levels[n - 1] = [...current, ...bounds];
    current = projected(levels[n - 1]!, n);
  }
  const { nodes, weights } = gauss(6);
  const over = (before: readonly number[]): number => {
    const k = before.length;
    if (k === box.length) return f(before);
    const [low, high] = box[k]!;
    const breaks = levels[k]!.flatMap(({ a, c }) =>
      Math.abs(a[k]!) <= tiny ? [] : (c - before.reduce((sum, v, i) => sum + v * a[i]!, 0)) / a[k]!,
    )
      .filter((x) => x > low && x < high)
      .concat(low, high)
      .sort((p, q) => p - q);
    let sum = 0;
    for (let i = 0; i + 1 < breaks.length; i++) {
      const [from, to] = [breaks[i]!, breaks[i + 1]!];
      if (to - from < tiny) continue;
      nodes.forEach((t, j) => {
        sum += ((weights[j]! * (to - from)) / 2) * over([...before, (from + to) / 2 + ((to - from) / 2) * t]);
      });
    }
    return sum;
  };
  return over([]);
}
