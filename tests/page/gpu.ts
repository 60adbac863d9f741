/** Runs inside a page: what tests/page/gpu.test.ts asks of a GPU backend. Everything in and out is plain data. */
import { ntXent } from '../../src/losses/contrastive.ts';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { adam } from '../../src/ops/adam.ts';
import { type BackendName, prepareBackend } from '../../src/ops/backend.ts';
import { conv2d, dense } from '../../src/ops/fused.ts';
import { rng } from '../../src/ops/random.ts';
import { tidy } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { createSession } from '../../src/train/session.ts';
import { smallData, smallSettings } from '../contract/small.ts';

export const prepare = async (backend: BackendName) => (await prepareBackend(backend, { paths: '' })).name;

const read = async (tensors: readonly tf.Tensor[]) => {
  const values = await Promise.all(tensors.map(async (t) => Array.from(await t.data())));
  tf.dispose([...tensors]);
  return values;
};

/** What went to the device since the last call. */
const counts = { launches: 0, uploads: 0, readbacks: 0 };
type Patched = Record<string, (...args: unknown[]) => unknown>;
function count(prototype: object | undefined, names: readonly string[], key: keyof typeof counts, when = (_: unknown[]) => true) {
  const target = prototype as Patched | undefined;
  if (!target) return;
  for (const name of names) {
    const original = target[name]!;
    target[name] = function (this: unknown, ...args: unknown[]) {
      if (when(args)) counts[key]++;
      return original.apply(this, args);
    };
  }
}
count(globalThis.GPUComputePassEncoder?.prototype, ['dispatchWorkgroups'], 'launches');
count(globalThis.GPUQueue?.prototype, ['writeBuffer'], 'uploads');
count(globalThis.GPUBuffer?.prototype, ['mapAsync'], 'readbacks');
const gl = globalThis.WebGL2RenderingContext?.prototype;
count(gl, ['drawElements', 'drawArrays'], 'launches');
count(gl, ['texImage2D', 'texSubImage2D'], 'uploads', (args) => args.at(-1) !== null);
count(gl, ['getBufferSubData', 'readPixels'], 'readbacks');
const counted = () => {
  const now = { ...counts };
  Object.assign(counts, { launches: 0, uploads: 0, readbacks: 0 });
  return now;
};

/** Parameters after each step of Adam. */
export async function adamSteps(
  start: readonly { readonly shape: number[]; readonly values: number[] }[],
  gradients: readonly number[][][],
  options: Parameters<typeof adam>[0] & { readonly lr: number; readonly weightDecay: number },
) {
  const optimizer = adam(options);
  let params = start.map(({ shape, values }) => tf.tensor(values, shape));
  let moments = optimizer.init(params);
  const steps: number[][][] = [];
  for (const step of gradients) {
    const next = tidy(() => {
      const grads = step.map((values, i) => tf.tensor(values, params[i]!.shape));
      return optimizer.update(params, grads, moments, options.lr, options.weightDecay);
    });
    tf.dispose([...params, moments.m, moments.v]);
    ({ params, moments } = next);
    steps.push(await read(params.map((p) => p.clone())));
  }
  tf.dispose([...params, moments.m, moments.v]);
  return { steps, left: tf.memory().numTensors };
}

/** NT-Xent and its gradients by both inputs. */
export const contrast = (rows: number, a: number[], b: number[], temperature: number) =>
  read(
    tf.tidy(() => {
      const inputs = [a, b].map((values) => tf.tensor2d(values, [rows, values.length / rows]));
      const { value, grads } = tf.valueAndGrads((a, b) => ntXent(a as tf.Tensor2D, b as tf.Tensor2D, temperature))(inputs);
      return [value, ...grads];
    }),
  );

/** Sums over the leading axes. */
export const sums = (shape: number[], axes: number[], keepDims: boolean) =>
  read(tf.tidy(() => [tf.sum(rng(1).normals(shape), axes, keepDims)]));

/** Values and gradients of a layer, ours and in tfjs's own ops. */
export const layer = (kind: 'conv2d' | 'dense', activation: 'relu' | 'linear') =>
  read(
    tf.tidy(() => {
      const normal = (seed: number, ...shape: number[]) => rng(seed).normals(shape);
      const xs =
        kind === 'dense'
          ? [normal(1, 6, 40), normal(2, 40, 30), normal(3, 30)]
          : [normal(1, 2, 8, 7, 3), normal(2, 3, 3, 3, 5), normal(3, 5)];
      const forms = [
        (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
          kind === 'dense'
            ? dense(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D, activation)
            : conv2d(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, { stride: 2, activation }),
        (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
          const product = kind === 'dense' ? tf.matMul(x, w) : tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same');
          const y = tf.add(product, b);
          return activation === 'relu' ? tf.relu(y) : y;
        },
      ];
      return forms.flatMap((f) => {
        const loss = (...args: tf.Tensor[]) => {
          const y = f(args[0]!, args[1]!, args[2]!);
          return tf.sum(tf.mul(y, normal(9, ...y.shape))) as tf.Scalar;
        };
        return [f(xs[0]!, xs[1]!, xs[2]!), ...tf.grads(loss)(xs)];
      });
    }),
  );

/** The first losses of a small run, and what one of its steps sent to the device. */
export async function losses(id: string, data: number, steps: number) {
  const method = (methods as Readonly<Record<string, Method>>)[id]!;
  const set = smallData[data]!;
  const session = createSession(method, set, { seed: 1, settings: { ...smallSettings(method, set), batchSize: 8 } });
  const values: number[] = [];
  let step = counted();
  for (let i = 0; i < steps; i++) {
    counted();
    const { metrics } = await session.advance();
    values.push((await metrics).loss!);
    step = counted();
  }
  session.dispose();
  return { values, step };
}
