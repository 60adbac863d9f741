/** What pictures of a run are made with. */
import type { ImageDataset, ImageShape } from '../data/dataset.ts';
import type { Specs } from '../hparams.ts';
import type { Context } from '../methods/method.ts';
import { rng } from '../ops/random.ts';
import type * as tf from '../tf.ts';
import type { Still } from '../train/session.ts';
import type { ArtifactKind, ImageGrid } from './artifact.ts';

export const imagesOf = ({ data }: Still): ImageDataset => data as ImageDataset;

/** Noise and choices of pictures: of the kind alone, never of the step. */
export const contextOf = (session: Still, kind: ArtifactKind): Context<Specs> => ({
  ...session.context(kind),
  rng: rng(0).split('artifact', kind),
});

export const clamp = (value: number, most: number) => Math.max(1, Math.min(Math.floor(value), most));

/** Rows of a split as a grid of their own. */
export function gridOf(pixels: Uint8Array, shape: ImageShape, rows: ArrayLike<number>): ImageGrid {
  const size = shape[0] * shape[1] * shape[2];
  const out = new Uint8Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) out.set(pixels.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  return { n: rows.length, shape, pixels: out };
}

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Shares in [0, 1] as bytes. */
export const bytes = (shares: Float32Array): Uint8Array => new Uint8Array(Uint8ClampedArray.from(shares, (v) => 255 * v).buffer);

/** Reads images back as bytes, and frees them. */
export async function readImages(x: tf.Tensor4D): Promise<ImageGrid> {
  const values = await x.data<'float32'>();
  const [n, ...shape] = x.shape;
  x.dispose();
  // Rounds, and keeps within 0…255.
  return { n, shape, pixels: new Uint8Array(Uint8ClampedArray.from(values, (v) => v * 255).buffer) };
}

/** Numbers of a tensor as a copy of their own; the tensor is freed. */
export async function readNumbers(t: tf.Tensor): Promise<Float32Array> {
  const values = Float32Array.from(await t.data());
  t.dispose();
  return values;
}
