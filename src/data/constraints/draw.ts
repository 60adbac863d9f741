import type { Numbers } from '../../ops/numbers.ts';

export const presets = ['tree', 'triangle', 'loop', 'own'] as const;
export type Preset = (typeof presets)[number];

/** Whole numbers that decide everything about a drawn problem of up to `n` variables: four each. */
export const drawNumbers = (n: number, rng: Numbers): number[] => Array.from({ length: 4 * n }, () => rng.integer(60));

const decimal = (value: number) => String(Number(value.toFixed(2)));
const pick = <T>(from: readonly T[], at: number): T => from[at % from.length]!;

/** Offsets are multiples of 0.05: messages then break on that grid and stay short, however long the loop. */
const between = (low: number, high: number, at: number) => decimal(low + 0.05 * (at % (Math.round((high - low) / 0.05) + 1)));

const weights = (x: string, y: string): string[] => [`1 + 2*${x}*${y}`, `${x} + ${y}`, `1 + (${x} - ${y})^2`, `2 - ${x} if ${x} <= ${y}`];

const tilts = (x: string): string[] => [`${x}^2`, `1 - ${x}`, `1/10 + ${x}`, `4*${x}*(1 - ${x})`];

/** Real variables in a ring, a band, a corner or either between neighbours, and polynomial weights on each pair and variable. */
function loop(n: number, drawn: readonly number[]): string[] {
  const names = Array.from({ length: n }, (_, k) => `x${k + 1}`);
  return [
    `${names.join(', ')} in [0, 1]`,
    ...names.flatMap((x, k) => {
      const y = names[(k + 1) % n]!;
      const [shape, offset, weight, tilt] = drawn.slice(4 * k) as [number, number, number, number];
      const band = `|${x} - ${y}| <= ${between(0.25, 0.45, offset)}`;
      const says = [band, band, `${x} + ${y} <= ${between(1, 1.4, offset)}`, `${band} or ${x} + ${y} <= ${between(0.4, 0.7, offset)}`];
      return [pick(says, shape), `weight ${pick(weights(x, y), weight)}`, `weight ${pick(tilts(x), tilt)}`];
    }),
  ];
}

const triangle = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string[] => [
  'x, y, z in [0, 1]',
  `x + y <= ${between(1, 1.3, a)}`,
  `y <= z + ${between(0.1, 0.3, b)}`,
  `|x - z| <= ${between(0.3, 0.5, c)}`,
  `weight ${pick(weights('x', 'z'), d)}`,
  `weight ${pick(tilts('z'), d >> 2)}`,
];

/** Each variable hangs on an earlier one; every fourth is Boolean, and every fourth whole. */
function tree(n: number, drawn: readonly number[]): string[] {
  const kinds = ['real', 'real', 'bool', 'whole'] as const;
  const kindOf = (k: number) => kinds[k % 4]!;
  const name = (k: number) => `${{ real: 'x', bool: 'b', whole: 'k' }[kindOf(k)]}${k + 1}`;
  /** As a number in [0, 1]. */
  const scaled = (k: number) => (kindOf(k) === 'whole' ? `${name(k)}/3` : name(k));
  return Array.from({ length: n }, (_, k) => k).flatMap((k) => {
    const declared = `${name(k)} ${{ real: 'in [0, 1]', bool: 'bool', whole: 'in {0..3}' }[kindOf(k)]}`;
    if (k === 0) return [declared];
    const [parent, offset, weight] = drawn.slice(4 * k) as [number, number, number];
    const [x, y] = [scaled(parent % k), scaled(k)];
    const says =
      kindOf(k) === 'bool'
        ? `${name(k)} => ${x} >= ${between(0.3, 0.6, offset)}`
        : kindOf(parent % k) === 'bool'
          ? `${x} => ${y} <= ${between(0.4, 0.7, offset)}`
          : `|${x} - ${y}| <= ${between(0.35, 0.6, offset)}`;
    return [declared, says, `weight ${pick(weights(x, y), weight)}`];
  });
}

/** The text of a drawn problem of n variables, as `readProblem` reads it; `own` is the user's. Reads as it would be written by hand. */
export function problemText(preset: Preset, n: number, own: string, drawn: readonly number[]): string {
  if (preset === 'own') return own;
  return { tree: tree(n, drawn), triangle: triangle(drawn), loop: loop(n, drawn) }[preset].join('; ');
}
