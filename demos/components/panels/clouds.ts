import type { Cloud } from '../../../src/evaluate/artifact.ts';

/** The quadrant of each point by the signs of its first two numbers, 0 to 3. */
export const quadrants = ({ columns, values }: Cloud): Uint8Array =>
  Uint8Array.from(
    { length: values.length / columns },
    (_, i) => Number(values[i * columns]! < 0) + 2 * Number(columns > 1 && values[i * columns + 1]! < 0),
  );

/** Half the side of a square about 0 that holds 99 of 100 of the numbers that are drawn, rounded up to a half; at least 1. */
export function cloudReach({ columns, values }: Cloud): number {
  const sizes = values
    .filter((v, i) => i % columns < 2 && Number.isFinite(v))
    .map(Math.abs)
    .sort();
  return Math.max(1, Math.ceil(2.1 * (sizes[Math.floor(0.99 * sizes.length)] ?? 1)) / 2);
}
