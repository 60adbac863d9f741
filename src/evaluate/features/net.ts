import type { ImageShape } from '../../data/dataset.ts';
import { type Encoder, encode, initEncoder, representation } from '../../nets/encoder.ts';
import { type Dense, dense, initDense } from '../../nets/layers.ts';
import { type Rng, rng } from '../../ops/random.ts';
import { leaves, type Tree, tidy, unflatten } from '../../ops/tree.ts';
import * as tf from '../../tf.ts';

/**
 * A small classifier of real images. Its 64 hidden numbers, before their ReLU, are the space in which samples are compared with data.
 * scripts/features.ts trains it; its weights are committed, in bytes.
 */
export type FeatureNet = { readonly encoder: Encoder; readonly hidden: Dense; readonly out: Dense };

/** Weights in 8 bits: each tensor is its own scale times whole numbers from −127 to 127, all of them in base 64, in the order of the tree. */
export type PackedNet = {
  readonly shape: ImageShape;
  /** The data that it was trained on, and the share of the held-out ones that these very weights get right. */
  readonly data: string;
  readonly accuracy: number;
  readonly scales: readonly number[];
  readonly values: string;
};

export function initFeatureNet(shape: ImageShape, stream: Rng): FeatureNet {
  const encoder = initEncoder(shape, stream.split('encoder'), shape[2] === 1 ? [32, 64] : [32, 64, 128]);
  const hidden = initDense(representation(encoder, cellsOf(encoder)), 64, stream.split('hidden'));
  return { encoder, hidden, out: initDense(64, 10, stream.split('out')) };
}
/** Averaging over 4 × 4 cells of the maps of digits, 2 × 2 of the deeper ones of photographs. */
const cellsOf = (encoder: Encoder) => (encoder.length === 2 ? 4 : 2);

/** [N, H, W, C] in [0, 1] → [N, 64]. */
export const featuresOf = ({ encoder, hidden }: FeatureNet, x: tf.Tensor4D): tf.Tensor2D =>
  dense(encode(encoder, x, cellsOf(encoder)), hidden.w, hidden.b);

export const logitsOf = (net: FeatureNet, x: tf.Tensor4D): tf.Tensor2D => dense(tf.relu(featuresOf(net, x)), net.out.w, net.out.b);

/** Reads the weights back as a `PackedNet`'s `scales` and `values`. */
export async function packNet(net: FeatureNet): Promise<Pick<PackedNet, 'scales' | 'values'>> {
  const tensors = await Promise.all(leaves(net as unknown as Tree).map(async (t) => Float32Array.from(await t.data())));
  const scales = tensors.map((values) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-12) / 127);
  const bytes = tensors.flatMap((values, i) => Array.from(values, (v) => String.fromCharCode(Math.round(v / scales[i]!) & 255)));
  return { scales, values: btoa(bytes.join('')) };
}

/** The net of packed weights; the caller disposes its tensors. */
export function unpackNet({ shape, scales, values }: PackedNet): FeatureNet {
  const bytes = Int8Array.from(atob(values), (letter) => letter.charCodeAt(0));
  return tidy(() => {
    const like = initFeatureNet(shape, rng(0));
    let from = 0;
    const tensors = leaves(like as unknown as Tree).map((t, i) => {
      const part = bytes.subarray(from, from + t.size);
      from += t.size;
      return tf.tensor(
        Float32Array.from(part, (v) => v * scales[i]!),
        t.shape,
      );
    });
    if (from !== bytes.length) throw new Error(`The feature classifier has ${bytes.length} weights, expected ${from}`);
    return unflatten(like as unknown as Tree, tensors) as unknown as FeatureNet;
  });
}

/** The classifiers by the shape of their images; the weights come in files of their own, when first asked for. */
const nets: Readonly<Record<string, () => Promise<{ readonly net: PackedNet }>>> = {
  '28 × 28 × 1': () => import('./digits.ts'),
  '32 × 32 × 3': () => import('./photos.ts'),
};
const nameOf = (shape: readonly number[]) => shape.join(' × ');

/** Whether there is a classifier for images of this shape. */
export const hasNet = (shape: readonly number[]): boolean => Object.hasOwn(nets, nameOf(shape));

/** The classifier for images of this shape. Throws where there is none. */
export async function packedNetFor(shape: readonly number[]): Promise<PackedNet> {
  if (!hasNet(shape))
    throw new Error(`There is no feature classifier for images of ${nameOf(shape)}: expected ${Object.keys(nets).join(' or ')}`);
  return (await nets[nameOf(shape)]!()).net;
}
