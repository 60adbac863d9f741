import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { prepareBackend } from '../../src/ops/backend.ts';
import { selfTest } from '../../src/ops/kernels/self-test.ts';
import * as tf from '../../src/tf.ts';

const wasm = { paths: fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)) };
afterEach(() => vi.restoreAllMocks());

test('Node gets wasm on one thread, and says why not the others', async () => {
  const report = await prepareBackend('auto', wasm);
  expect(report).toMatchObject({ name: 'wasm', threads: 1 });
  expect(report.reason).toMatch(/^WebAssembly runs on the processor.* It uses one thread: /);
  expect(report.alternatives.map(({ name, usable }) => [name, usable])).toEqual([
    ['webgpu', false],
    ['webgl', false],
    ['cpu', true],
  ]);
  expect(tf.getBackend()).toBe('wasm');
});

test('a backend asked for by name is taken; one that is not there is replaced in words', async () => {
  expect(await prepareBackend('cpu', wasm)).toMatchObject({ name: 'cpu', threads: 1 });
  expect(tf.getBackend()).toBe('cpu');
  const report = await prepareBackend('webgpu', wasm);
  expect(report.name).toBe('wasm');
  expect(report.reason).toMatch(/^WebGPU was asked for\. WebGPU is not offered here/);
});

test('the self-test passes on cpu and wasm and leaves nothing behind', async () => {
  for (const name of ['cpu', 'wasm'] as const) {
    await prepareBackend(name, wasm);
    const before = tf.memory().numTensors;
    expect(await selfTest()).toBe(null);
    expect(tf.memory().numTensors).toBe(before);
  }
});

test('a backend that loses gradients is refused for the next', async () => {
  await prepareBackend('wasm', wasm);
  const { kernelFunc, ...rest } = tf.getKernel('Conv2DBackpropFilter', 'wasm');
  const lying: tf.KernelFunc = (call) => tf.zerosLike(kernelFunc(call) as tf.Tensor);
  tf.unregisterKernel('Conv2DBackpropFilter', 'wasm');
  tf.registerKernel({ ...rest, kernelFunc: lying });
  const report = await prepareBackend('auto', wasm);
  tf.unregisterKernel('Conv2DBackpropFilter', 'wasm');
  tf.registerKernel({ ...rest, kernelFunc });
  expect(report.name).toBe('cpu');
  expect(report.alternatives.find(({ name }) => name === 'wasm')).toMatchObject({
    usable: false,
    reason: expect.stringMatching(
      /^WebAssembly computes wrongly here: the gradient of a first filter of a test net came out as 0, expected 0\.004/,
    ),
  });
});

test('graphics in software are passed over, real ones taken for the first', async () => {
  const { offersWebGPU } = await import('../../src/ops/kernels/hardware.ts');
  const adapter = (info: object) => ({ gpu: { requestAdapter: async () => ({ info }) } });
  const seen = async (info: object) => {
    vi.stubGlobal('navigator', adapter(info));
    vi.resetModules();
    const { offersWebGPU } = await import('../../src/ops/kernels/hardware.ts');
    const offer = await offersWebGPU();
    vi.unstubAllGlobals();
    return offer.state;
  };
  expect(await seen({ vendor: 'google', architecture: 'swiftshader' })).toBe('software');
  expect(await seen({ vendor: 'mesa', description: 'llvmpipe (LLVM 15)' })).toBe('software');
  expect(await seen({ vendor: 'apple', architecture: 'metal-3' })).toBe('ready');
  expect((await offersWebGPU()).state).toBe('absent');
});
