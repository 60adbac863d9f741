/** Which wasm kernels a step of each method runs on, and that none of them is code known to be slow. */
import { beforeAll, describe, expect, test } from 'vitest';
import { measureKernels, wrapKernels } from '../../scripts/bench/kernels.ts';
import type { Dataset, ImageDataset, ImageShape } from '../../src/data/dataset.ts';
import { densities } from '../../src/data/densities.ts';
import { pointSets } from '../../src/data/point-sets.ts';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { createSession } from '../../src/train/session.ts';
import { acceptedData } from '../../src/train/settings.ts';
import { smallData } from '../contract/small.ts';
import { loadBackends } from './backends.ts';

/** A call that reached tfjs's own code; `values` is the size of its largest input. */
type Call = { readonly name: string; readonly values: number; readonly shapes: string };
let stock: Call[] = [];

const attr = (attrs: tf.NamedAttrMap | undefined, name: string) => (attrs as Record<string, unknown> | undefined)?.[name];
const transposed = (_: readonly tf.TensorInfo[], attrs?: tf.NamedAttrMap) =>
  Boolean(attr(attrs, 'transposeA') || attr(attrs, 'transposeB'));
const batched = ([a]: readonly tf.TensorInfo[]) => tf.util.sizeFromShape(a!.shape.slice(0, -2)) > 1;
const inner = ([x]: readonly tf.TensorInfo[], attrs?: tf.NamedAttrMap) => {
  const axes = tf.util.parseAxisParam(attr(attrs, 'axis') as number[], x!.shape);
  return tf.backend_util.axesAreInnerMostDims(axes, x!.shape.length);
};
const always = () => true;

/** tfjs's wasm code that is naive (or wrong), and when: see the comments in src/ops/kernels for what it costs. */
const slow: Readonly<Record<string, (inputs: readonly tf.TensorInfo[], attrs?: tf.NamedAttrMap) => boolean>> = {
  BatchMatMul: (inputs, attrs) => transposed(inputs, attrs) || batched(inputs),
  _FusedMatMul: (inputs, attrs) => transposed(inputs, attrs) || batched(inputs),
  Conv2DBackpropInput: always,
  AvgPoolGrad: always,
  MaxPoolGrad: always,
  Sum: (inputs, attrs) => !inner(inputs, attrs),
  Mean: (inputs, attrs) => !inner(inputs, attrs),
  Identity: always,
  Concat: always,
  SplitV: always,
  Tile: always,
  StridedSlice: always,
  Tanh: always,
  LeakyRelu: always,
  ScatterNd: always,
  Cumsum: always,
};
/** Fewer values than this cost nothing anywhere. */
const many = 10_000;

beforeAll(async () => {
  await tf.loaders.wasm();
  // Around tfjs's own kernels, before ours take their places: what ours hand on to them is seen too.
  wrapKernels('wasm', (name, run) => (call) => {
    const inputs = Object.values(call.inputs).flat() as tf.TensorInfo[];
    const values = Math.max(0, ...inputs.map(({ shape }) => tf.util.sizeFromShape(shape)));
    if (values >= many && slow[name]?.(inputs, call.attrs)) {
      stock.push({ name, values, shapes: inputs.map(({ shape }) => shape.join('×')).join(', ') });
    }
    return run(call);
  });
  await loadBackends();
});

function noise(id: string, shape: ImageShape): ImageDataset {
  const size = 64;
  const stream = rng(1);
  const pixels = Uint8Array.from({ length: size * shape[0] * shape[1] * shape[2] }, () => stream.integer(256));
  const split = { size, pixels, labels: new Uint8Array(size) };
  return { kind: 'images', id, name: id, shape, classes: ['0'], train: split, test: split };
}
const data: Readonly<Record<string, Dataset>> = {
  mnist: noise('mnist', [28, 28, 1]),
  cifar10: noise('cifar10', [32, 32, 3]),
  'mnist-points': { ...pointSets(noise('mnist', [28, 28, 1])), kind: 'sets', id: 'mnist-points', name: 'points' },
  'two-moons': densities['two-moons'],
  'digit-scenes': smallData.find(({ id }) => id === 'digit-scenes')!,
};

describe('a step on wasm', () => {
  const cases = Object.values(methods).flatMap((method) =>
    acceptedData(method as Method)
      .filter((id) => id in data)
      .map((id) => [method.name, id, method as Method] as const),
  );
  test.each(cases)('%s on %s runs on no code that is known to be slow', async (_, id, method) => {
    // The nets are those of the page, in smaller batches; a clustering needs more rows than clusters.
    const settings = { batchSize: 16, ...('clusters' in method.hparams ? { clusters: 4, components: 8 } : {}) };
    const session = createSession(method, data[id]!, { seed: 0, settings });
    await (await session.advance()).metrics;
    stock = [];
    const { ms, kernels } = await measureKernels(async () => (await session.advance()).metrics);
    session.dispose();
    const list = kernels.map((k) => `${k.name}: ${k.calls} calls, ${((100 * k.ms) / ms).toFixed(1)} %`).join('\n');
    expect(kernels.length).toBeGreaterThan(5);
    expect(stock, `the kernels of this step:\n${list}`).toEqual([]);
  });

  test('such code is noticed', async () => {
    stock = [];
    tf.tidy(() => tf.tanh(tf.ones([many])));
    tf.tidy(() => tf.sum(tf.ones([10, many / 100, 10]), [0, 2]));
    tf.tidy(() => tf.tanh(tf.ones([many - 1])));
    expect(stock.map(({ name }) => name)).toEqual(['Tanh', 'Sum']);
  });
});
