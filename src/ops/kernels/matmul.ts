import * as tf from '../../tf.ts';
import { floats, type Kernel, type Wasm } from './heap.ts';

type Transposes = { readonly transposeA: boolean; readonly transposeB: boolean };

/** tfjs's own numbers for the activations that its product fuses. */
const fusable = { linear: 0, relu: 1, relu6: 2 } as const;
const product = new WeakMap<Wasm, (...args: readonly (number | Uint8Array)[]) => void>();

/** Ids of the views below, out of the reach of tfjs's own count from 1. */
const [idA, idB, idBias, idOut] = [0x7ffffff1, 0x7ffffff2, 0x7ffffff3, 0x7ffffff4];

const bytes = (...shape: number[]) => new Uint8Array(new Int32Array(shape).buffer);
const count = (shape: readonly number[]) => shape.reduce((size, n) => size * n, 1);

/**
 * a · b (+ bias, activation) over leading batch dimensions, of which one side's may be absent or 1.
 * The stock kernel is fast only for one product without transposes. So transposes are made explicit, and each item
 * of a batch is registered with the C code as a view of the heap under a passing id. That also keeps XNNPACK,
 * which caches packed weights by id and not by shape, from meeting a reshaped tensor again (it would abort).
 */
function multiply(
  backend: Wasm,
  a: tf.Tensor,
  b: tf.Tensor,
  { transposeA, transposeB }: Transposes,
  bias: tf.Tensor | undefined,
  activation: keyof typeof fusable,
): tf.TensorInfo {
  const itemsA = count(a.shape.slice(0, -2));
  const itemsB = count(b.shape.slice(0, -2));
  const [a0, a1] = a.shape.slice(-2) as [number, number];
  const [b0, b1] = b.shape.slice(-2) as [number, number];
  const [m, k, n] = [transposeA ? a1 : a0, transposeA ? a0 : a1, transposeB ? b0 : b1];
  if (k !== (transposeB ? b1 : b0)) throw new Error(`matMul got inner sizes ${k} and ${transposeB ? b1 : b0}, expected equal ones.`);
  let call = product.get(backend);
  if (!call) {
    const [i, s] = ['number', 'array'] as const;
    call = backend.wasm.cwrap('_FusedMatMul', null, [i, s, i, i, s, i, i, i, i, i, i, i, i]);
    product.set(backend, call);
  }
  return tf.tidy(() => {
    const left = transposeA ? tf.transpose(tf.reshape(a, [itemsA, a0, a1]), [0, 2, 1]) : a;
    const right = transposeB ? tf.transpose(tf.reshape(b, [itemsB, b0, b1]), [0, 2, 1]) : b;
    const lead = (itemsA >= itemsB ? a : b).shape.slice(0, -2);
    const out = tf.engine().makeTensorFromTensorInfo(backend.makeOutput([...lead, m, n], 'float32'));
    const { registerTensor, disposeData } = backend.wasm.tfjs;
    const at = (t: tf.Tensor) => backend.getMemoryOffset(t.dataId as object);
    const [atA, atB, atOut] = [at(left), at(right), at(out)];
    const [shapeA, shapeB] = [bytes(1, m, k), bytes(1, k, n)];
    if (bias) registerTensor(idBias, n, at(bias));
    const items = Math.max(itemsA, itemsB);
    for (let i = 0; i < items; i++) {
      registerTensor(idA, m * k, atA + (itemsA > 1 ? i * m * k * 4 : 0));
      registerTensor(idOut, m * n, atOut + i * m * n * 4);
      if (i === 0 || itemsB > 1) registerTensor(idB, k * n, atB + (itemsB > 1 ? i * k * n * 4 : 0));
      call(idA, shapeA, 3, idB, shapeB, 3, 0, 0, fusable[activation], bias ? idBias : 0, 0, 0, idOut);
      disposeData(idA);
      disposeData(idOut);
      if (itemsB > 1 || i === items - 1) disposeData(idB);
    }
    if (bias) disposeData(idBias);
    return out;
  });
}

/** Products of less than this many multiplications: calling and packing cost more than a plain loop. */
const tiny = 4096;

function small(backend: Wasm, a: tf.Tensor, b: tf.Tensor, { transposeA, transposeB }: Transposes): tf.TensorInfo {
  const [itemsA, itemsB] = [count(a.shape.slice(0, -2)), count(b.shape.slice(0, -2))];
  const [a0, a1] = a.shape.slice(-2) as [number, number];
  const [b0, b1] = b.shape.slice(-2) as [number, number];
  const [m, k, n] = [transposeA ? a1 : a0, transposeA ? a0 : a1, transposeB ? b0 : b1];
  const items = Math.max(itemsA, itemsB);
  const out = backend.makeOutput([...(itemsA >= itemsB ? a : b).shape.slice(0, -2), m, n], 'float32');
  const [x, y, z] = [floats(backend, a), floats(backend, b), floats(backend, out)];
  const [rowA, stepA] = transposeA ? [1, m] : [k, 1];
  const [stepB, columnB] = transposeB ? [1, k] : [n, 1];
  let at = 0;
  for (let i = 0; i < items; i++) {
    const fromA = itemsA > 1 ? i * m * k : 0;
    const fromB = itemsB > 1 ? i * k * n : 0;
    for (let r = 0; r < m; r++) {
      for (let c = 0; c < n; c++) {
        let p = fromA + r * rowA;
        let q = fromB + c * columnB;
        let sum = 0;
        for (let j = 0; j < k; j++, p += stepA, q += stepB) sum += x[p]! * y[q]!;
        z[at++] = sum;
      }
    }
  }
  return out;
}

/** The largest divisor of k from 128 to 512, for a k so large that aᵀ b over all its rows falls out of the cache; or 1. */
function blockOf(k: number): number {
  if (k >= 4096) for (let f = 512; f >= 128; f--) if (k % f === 0) return f;
  return 1;
}

/** Matrix products with transposes and batches, 8–16 times faster than the stock kernel. */
export const batchMatMul =
  (stock: Kernel<Transposes>): Kernel<Transposes> =>
  (call) => {
    const { a, b } = call.inputs as { a: tf.Tensor; b: tf.Tensor };
    const [itemsA, itemsB] = [count(a.shape.slice(0, -2)), count(b.shape.slice(0, -2))];
    const odd = a.dtype !== 'float32' || b.dtype !== 'float32' || a.size === 0 || b.size === 0;
    if (odd || (itemsA !== itemsB && itemsA !== 1 && itemsB !== 1)) return stock(call);
    const { transposeA, transposeB } = call.attrs;
    const block = itemsA === 1 && itemsB === 1 && transposeA && !transposeB ? blockOf(a.shape.at(-2)!) : 1;
    if (block > 1) {
      const items = (t: tf.Tensor) => tf.reshape(t, [t.shape.at(-2)! / block, block, t.shape.at(-1)!]);
      const shape = [...a.shape.slice(0, -2), a.shape.at(-1)!, b.shape.at(-1)!];
      return tf.tidy(() => tf.reshape(tf.sum(tf.matMul(items(a), items(b), true), 0), shape));
    }
    const each = (a.size / itemsA) * b.shape.at(call.attrs.transposeB ? -2 : -1)!;
    if (each < tiny) return small(call.backend, a, b, call.attrs);
    return multiply(call.backend, a, b, call.attrs, undefined, 'linear');
  };

type Fused = Transposes & { readonly activation: string; readonly leakyreluAlpha?: number };

/** Product, bias and activation. The stock kernel is wrong with transposes or batches: it adds the bias to partial sums. */
export const fusedMatMul: Kernel<Fused> = ({ inputs, attrs, backend }) => {
  const { a, b, bias, preluActivationWeights } = inputs as {
    a: tf.Tensor;
    b: tf.Tensor;
    bias?: tf.Tensor;
    preluActivationWeights?: tf.Tensor;
  };
  const { activation } = attrs;
  const columns = b.shape.at(attrs.transposeB ? -2 : -1);
  if (activation in fusable && (!bias || bias.size === columns)) {
    return multiply(backend, a, b, attrs, bias, activation as keyof typeof fusable);
  }
  return tf.tidy(() => {
    const plain = tf.matMul(a, b, attrs.transposeA, attrs.transposeB);
    const y = bias ? tf.add(plain, bias) : plain;
    if (activation === 'elu') return tf.elu(y);
    if (activation === 'sigmoid') return tf.sigmoid(y);
    if (activation === 'leakyrelu') return tf.leakyRelu(y, attrs.leakyreluAlpha);
    if (activation === 'prelu') return tf.prelu(y, preluActivationWeights!);
    if (activation === 'relu') return tf.relu(y);
    if (activation === 'relu6') return tf.relu6(y);
    if (activation === 'linear') return y;
    throw new Error(`fused.matMul got activation '${activation}', expected linear, relu, relu6, elu, sigmoid, leakyrelu or prelu.`);
  });
};
