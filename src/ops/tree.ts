import type { Tensor } from '../tf.ts';
import * as tf from '../tf.ts';

/** Parameter trees: nested plain objects and arrays with tensors at the leaves. */
// biome-ignore lint/complexity/noBannedTypes: the empty tree is `{}`
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree } | {};

const isTensor = (tree: Tree): tree is Tensor => 'dataId' in tree;

/** The tensors of a tree, in a fixed order (that of its keys). */
export const leaves = (tree: Tree): Tensor[] => (isTensor(tree) ? [tree] : Object.values(tree).flatMap(leaves));

/** The path of each leaf, "encoder.0.w", in the order of `leaves`. */
export const paths = (tree: Tree, prefix = ''): string[] =>
  isTensor(tree) ? [prefix] : Object.entries(tree).flatMap(([key, sub]) => paths(sub as Tree, prefix ? `${prefix}.${key}` : key));

/** Applies `f` leaf by leaf to trees of one structure. */
export function map<T extends Tree>(f: (...xs: Tensor[]) => Tensor, tree: T, ...rest: T[]): T {
  const others = rest.map(leaves);
  return unflatten(
    tree,
    leaves(tree).map((leaf, i) => f(leaf, ...others.map((o) => o[i] as Tensor))),
  );
}

/** A tree of the structure of `tree` with the given leaves. Throws if their number differs. */
export function unflatten<T extends Tree>(tree: T, flat: readonly Tensor[]): T {
  let next = 0;
  const build = (node: Tree): Tree => {
    if (isTensor(node)) {
      const leaf = flat[next++];
      if (!leaf) throw new Error(`A tree of ${leaves(tree).length} tensors was given ${flat.length}`);
      return leaf;
    }
    return Array.isArray(node) ? node.map(build) : Object.fromEntries(Object.entries(node).map(([k, v]) => [k, build(v as Tree)]));
  };
  const built = build(tree) as T;
  if (next !== flat.length) throw new Error(`A tree of ${next} tensors was given ${flat.length}`);
  return built;
}

/** `tf.tidy` for a function that returns a tree, or a record of trees and numbers: its tensors survive, all others are freed. */
export const tidy = <T extends object>(f: () => T): T => tf.tidy(f as () => tf.TensorContainer) as unknown as T;

/** The numbers that `f` computes, read back; all of its tensors are freed. */
export async function read(f: () => Tensor): Promise<Float32Array> {
  const result = tf.tidy(f);
  const values = Float32Array.from(await result.data());
  result.dispose();
  return values;
}
