/** Unlabeled as a library: methods, data, training and scores, without React or DOM. */
export type { Dataset, ImageDataset, PointDataset, ReadFile, SceneDataset, SetDataset, SimulatedDataset } from './data/dataset.ts';
export { datasets, loadDataset } from './data/datasets.ts';
export { readData } from './data/fetch.ts';
export { evaluate, type Scores } from './evaluate/evaluate.ts';
export { choice, flag, int, real, text } from './hparams.ts';
export { methods } from './methods/index.ts';
export { type Batches, type Context, defineMethod, type Method } from './methods/method.ts';
export { prepareBackend } from './ops/backend.ts';
export { rng } from './ops/random.ts';
export * as tf from './tf.ts';
export { createSession, type Session } from './train/session.ts';
export { train } from './train/train.ts';
