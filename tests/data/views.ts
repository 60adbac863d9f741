import { beforeAll, expect } from 'vitest';
import { augment } from '../../src/data/views.ts';
import type { Value } from '../../src/hparams.ts';
import { type Rng, rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { useWasm } from '../evaluate/wasm.ts';

/** What tests of views share. */
export type Values = Record<string, Value>;
export type Shape = [number, number, number, number];
export const OFF_GREY = { rotation: 0, scaling: 0, shear: 0, shift: 0, erasing: 0 };
export const OFF_COLOUR = { cropScale: 1, flip: false, brightness: 0, contrast: 0, saturation: 0, hue: 0, grayscale: 0 };

beforeAll(useWasm);

export const noise = ([n, h, w, c]: Shape, seed = 1) => Float32Array.from({ length: n * h * w * c }, rng(seed).uniform);

/** `augment` of numbers, as numbers; fails if a tensor is left behind. */
export async function view(x: ArrayLike<number>, shape: Shape, values: Values, random: Rng): Promise<Float32Array> {
  const before = tf.memory().numTensors;
  const out = tf.tidy(() => augment(tf.tensor4d(Float32Array.from(x), shape), values, random));
  expect(out.shape).toEqual(shape);
  const result = (await out.data()) as Float32Array;
  out.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return result;
}

/** Every draw is `u`, or the next of `us`, the last of which repeats. */
export function scripted(...us: number[]): Rng {
  let next = 0;
  const uniform = () => us[Math.min(next++, us.length - 1)]!;
  const script: Rng = { ...rng(0), split: () => script, uniform, integer: (n) => Math.floor(uniform() * n) };
  return script;
}

/** Independent bilinear lookup of one channel; outside is 0, or the nearest edge. */
export function bilinear(image: (y: number, x: number) => number, y: number, x: number): number {
  const [y0, x0] = [Math.floor(y), Math.floor(x)];
  const [fy, fx] = [y - y0, x - x0];
  const top = (1 - fx) * image(y0, x0) + fx * image(y0, x0 + 1);
  const bottom = (1 - fx) * image(y0 + 1, x0) + fx * image(y0 + 1, x0 + 1);
  return (1 - fy) * top + fy * bottom;
}
export const clamp = (v: number, most: number) => Math.max(0, Math.min(most, v));
const luma = (p: ArrayLike<number>, at = 0) => 0.299 * p[at]! + 0.587 * p[at + 1]! + 0.114 * p[at + 2]!;
export const lumas = (p: ArrayLike<number>) => Array.from({ length: p.length / 3 }, (_, i) => luma(p, 3 * i));
