import * as tf from '../tf.ts';

/** A square on an image: its centre and side in pixels, rows from the top, [N, K, 1] each. */
export type Boxes = { readonly y: tf.Tensor3D; readonly x: tf.Tensor3D; readonly side: tf.Tensor3D };

/** How much of each of its two neighbours a place takes: 1 − |d| within one step, else 0. */
const tent = (d: tf.Tensor): tf.Tensor => tf.relu(tf.sub(1, tf.abs(d)));
const steps = (n: number, from = 0) => tf.tensor1d(Array.from({ length: n }, (_, i) => i + from));

/**
 * Draws glyphs [N·K, g, g], each stretched over its box, onto one canvas [N, H, W] per image, where they add up:
 *   Σₖ Yₖ Gₖ Xₖᵀ,  Y[u, i] = max(0, 1 − |v(u) − i|),  v(u) = ((u + ½ − centre) / side + ½) g − ½
 * A spatial transformer without rotation (Jaderberg et al. 2015, eq. 5, arXiv 1506.02025) is separable: both kernels are small matrices,
 * and the sum over k is one matrix product. A glyph whose box has side g and whole borders arrives as it is.
 */
export function place(glyphs: tf.Tensor3D, { y, x, side }: Boxes, [h, w]: readonly [number, number]): tf.Tensor3D {
  const [n, count] = y.shape;
  const g = glyphs.shape[1];
  /** Where pixels lie in the glyph, in its own steps. */
  const within = (centre: tf.Tensor3D, pixels: number) =>
    tf.add(tf.mul(tf.div(tf.sub(tf.reshape(steps(pixels, 0.5), [1, 1, pixels]), centre), side), g), g / 2 - 0.5);
  const rows = tf.expandDims(tf.transpose(within(y, h), [0, 2, 1]), 3);
  const vertical = tf.reshape(tent(tf.sub(rows, tf.reshape(steps(g), [1, 1, 1, g]))), [n, h, count * g]);
  const horizontal = tent(tf.sub(tf.expandDims(within(x, w), 2), tf.reshape(steps(g), [1, 1, g, 1])));
  const stretched = tf.matMul(glyphs, tf.reshape(horizontal, [n * count, g, w]));
  return tf.matMul(vertical, tf.reshape(stretched, [n, count * g, w])) as tf.Tensor3D;
}

/** What boxes show of images [N, H, W], read at g × g places each, between pixels by bilinear interpolation, 0 outside: [N·K, g, g]. */
export function crop(image: tf.Tensor3D, { y, x, side }: Boxes, g: number): tf.Tensor3D {
  const [n, count] = y.shape;
  const [, h, w] = image.shape;
  /** Where the places of the glyph lie in the image, in pixels. */
  const within = (centre: tf.Tensor3D) =>
    tf.expandDims(tf.add(centre, tf.mul(side, tf.reshape(tf.sub(tf.div(steps(g, 0.5), g), 0.5), [1, 1, g]))), 3);
  const vertical = tf.reshape(tent(tf.sub(within(y), tf.reshape(steps(h, 0.5), [1, 1, 1, h]))), [n, count * g, h]);
  const horizontal = tent(tf.sub(tf.reshape(within(x), [n, count, 1, g]), tf.reshape(steps(w, 0.5), [1, 1, w, 1])));
  const strips = tf.reshape(tf.matMul(vertical, image), [n * count, g, w]);
  return tf.matMul(strips, tf.reshape(horizontal, [n * count, w, g])) as tf.Tensor3D;
}
