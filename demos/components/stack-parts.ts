import type { LayerName } from '../../src/nets/stack.ts';

/** A layer that stands so many times in a row. */
export type Part = { readonly name: LayerName; readonly count: number };

/** Equal neighbours as one part. */
export function grouped(names: readonly LayerName[]): Part[] {
  const parts: Part[] = [];
  for (const name of names) {
    const last = parts.at(-1);
    if (last?.name === name) parts[parts.length - 1] = { name, count: last.count + 1 };
    else parts.push({ name, count: 1 });
  }
  return parts;
}

/** The parts as text. */
export const written = (parts: readonly Part[]): string =>
  parts.map(({ name, count }) => (count > 1 ? `${name}×${count}` : name)).join(', ');

/** The parts with one of them a place earlier (−1) or later (1). */
export function moved(parts: readonly Part[], at: number, by: -1 | 1): Part[] {
  const next = [...parts];
  const [part] = next.splice(at, 1);
  if (part) next.splice(at + by, 0, part);
  return next;
}
