import { beforeAll } from 'vitest';
import type { ImageShape, Shape } from '../../src/data/dataset.ts';
import { defaults, type Specs, type Values } from '../../src/hparams.ts';
import { rng } from '../../src/ops/random.ts';
import type * as tf from '../../src/tf.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';

/** What tests of single methods share. */
beforeAll(loadBackends);

export const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);
export const image: ImageShape = [16, 16, 1];

export const context = <S extends Specs, Sh extends Shape>(
  specs: S,
  shape: Sh,
  hp: Partial<Values<S>> = {},
  more: { progress?: number; seed?: number } = {},
) => ({
  hp: { ...defaults(specs), ...hp } as Values<S>,
  shape,
  size: 40,
  batchSize: 8,
  classes: 4,
  rng: rng(more.seed ?? 1),
  energy: null,
  progress: more.progress ?? 0,
});
