import { leaves, paths, type Tree, unflatten } from '../ops/tree.ts';
import * as tf from '../tf.ts';

export type PackedTensor = {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: Float32Array | Int32Array;
};
/** Tensors by path: "params.encoder.0.w", "state.target…", "m", "v". */
export type PackedTensors = Readonly<Record<string, PackedTensor>>;

/** Where a run stands. With its seed and settings it continues the very same curve: random numbers depend on the step alone. */
export type Snapshot = {
  readonly step: number;
  /** The rows of the current epoch, where the method chose them. */
  readonly order: Int32Array | null;
  readonly tensors: PackedTensors;
};

/** Reads a tree of tensors back from the device, under the paths of its leaves. */
export async function packTensors(tree: Tree): Promise<PackedTensors> {
  const names = paths(tree);
  const packed = await Promise.all(
    leaves(tree).map(async (t): Promise<PackedTensor> => {
      const values = await t.data();
      return t.dtype === 'int32'
        ? { shape: t.shape, dtype: 'int32', values: Int32Array.from(values) }
        : { shape: t.shape, dtype: 'float32', values: Float32Array.from(values) };
    }),
  );
  return Object.fromEntries(packed.map((tensor, i) => [names[i]!, tensor]));
}

/** Tensors of a snapshot in the structure of `like`. Throws if one is missing or has another shape, naming it. */
export function unpackTensors<T extends Tree>(packed: PackedTensors, like: T): T {
  const names = paths(like);
  const tensors = leaves(like).map((t, i) => {
    const name = names[i]!;
    const found = packed[name];
    if (!found) throw new Error(`The snapshot has no tensor "${name}": it belongs to another method or version`);
    if (found.shape.join() !== t.shape.join())
      throw new Error(
        `The snapshot's "${name}" has shape [${found.shape}], but these settings need [${t.shape}]: load it with the settings it was saved with`,
      );
    return tf.keep(tf.tensor(found.values, [...found.shape], found.dtype));
  });
  return unflatten(like, tensors);
}
