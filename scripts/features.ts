/**
 * Trains a small classifier of each image set on its labels, from a fixed seed, and writes its weights in 8 bits as a module of
 * src/evaluate/features: the space of Fréchet distance, precision, recall and MMD. Needed again only if the net itself changes.
 */
import { writeFile } from 'node:fs/promises';
import type { ImageDataset } from '../src/data/dataset.ts';
import { loadDataset } from '../src/data/datasets.ts';
import { type FeatureNet, initFeatureNet, logitsOf, packNet, unpackNet } from '../src/evaluate/features/net.ts';
import { crossEntropy } from '../src/losses/classification.ts';
import { defineMethod, type Method } from '../src/methods/method.ts';
import type { Tree } from '../src/ops/tree.ts';
import * as tf from '../src/tf.ts';
import { mapRows, toImages } from '../src/train/batches.ts';
import { train } from '../src/train/train.ts';
import { readLocal } from './read-data.ts';
import { useWasm } from './wasm.ts';

const jobs = {
  mnist: { file: 'digits', settings: { steps: 2000, rotation: 10, scaling: 0.1, shear: 5, shift: 0.06, erasing: 0 } },
  cifar10: {
    file: 'photos',
    settings: { steps: 4000, cropScale: 0.6, brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0, grayscale: 0 },
  },
};

/** Supervised learning as a method: labels come by the row's place in the training set. */
const supervised = ({ train: { labels } }: ImageDataset): Method =>
  defineMethod({
    id: 'features',
    name: 'features',
    family: 'clustering',
    paper: { authors: '', year: 0, title: '', arxiv: '' },
    summary: '',
    equation: '',
    data: 'view',
    hparams: {},
    init: ({ shape, rng }) => ({
      params: initFeatureNet(shape, rng) as unknown as Record<string, Tree>,
      state: { labels: tf.tensor1d(Int32Array.from(labels), 'int32') },
    }),
    loss: (params, { labels: all }, { view, index }) => ({
      loss: crossEntropy(logitsOf(params as unknown as FeatureNet, view), tf.gather(all, index)),
    }),
  }) as unknown as Method;

async function accuracy(net: FeatureNet, { test, shape }: ImageDataset): Promise<number> {
  const { values, columns } = await mapRows(test.size, (from, count) => logitsOf(net, toImages(test.pixels, shape, from, count)));
  const right = test.labels.filter((label, i) => {
    const row = values.subarray(i * columns, (i + 1) * columns);
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / test.size;
}

await useWasm();
const asked = process.argv.slice(2);
for (const [id, { file, settings }] of Object.entries(jobs)) {
  if (asked.length > 0 && !asked.includes(id)) continue;
  const data = (await loadDataset(id, readLocal('public/data'))) as ImageDataset;
  const run = train(supervised(data), data, { seed: 0, settings });
  for await (const { step, metrics } of run) if (step % 100 === 0) console.log(id, step, metrics.loss);
  const net = run.session.run.params as unknown as FeatureNet;
  const packed = { shape: data.shape, data: data.name, accuracy: 0, ...(await packNet(net)) };
  const [before, after] = [await accuracy(net, data), await accuracy(unpackNet(packed), data)];
  console.log(`${id}: ${before} right of the held-out images, ${after} in 8 bits, ${packed.values.length} bytes`);
  const { values, ...rest } = { ...packed, accuracy: after };
  const fields = Object.entries(rest).map(([key, value]) => `  ${key}: ${JSON.stringify(value)},`);
  const text = `// Written by scripts/features.ts.\nimport type { PackedNet } from './net.ts';\n\nexport const net: PackedNet = {\n${fields.join('\n')}\n  values:\n    '${values}',\n};\n`;
  await writeFile(`src/evaluate/features/${file}.ts`, text);
  run.session.dispose();
}
