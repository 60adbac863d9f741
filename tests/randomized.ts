import { rng } from '../src/ops/random.ts';
import { map, type Tree } from '../src/ops/tree.ts';
import * as tf from '../src/tf.ts';

/** The same tree with normal numbers of that size added everywhere: nothing is the identity, no bias is 0. */
export function randomized<T extends Tree>(tree: T, size: number, seed = 77): T {
  let i = 0;
  return map(
    (t) =>
      tf.add(
        t,
        tf.mul(
          size,
          rng(seed)
            .split(i++)
            .normals(t.shape as [number]),
        ),
      ),
    tree,
  );
}
