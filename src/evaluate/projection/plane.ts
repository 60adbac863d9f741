import type { Features } from '../../ops/linear-algebra.ts';

/** The first two columns. A single column lies on a line. */
export function plane({ values, columns }: Features): Float32Array {
  const n = values.length / columns;
  return Float32Array.from({ length: 2 * n }, (_, at) => (at % 2 < columns ? values[(at >> 1) * columns + (at % 2)]! : 0));
}
