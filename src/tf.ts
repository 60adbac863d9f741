/**
 * The one place that imports tfjs: the core, every gradient, and the types. Backends are loaded on demand
 * by `src/ops/backend.ts`, so a page downloads only the one it uses.
 */
// The core first: the list of gradients names one twice, and that needs the core's flags to be there.
export * from '@tensorflow/tfjs-core';

import '@tensorflow/tfjs-core/dist/register_all_gradients';

export type { GPGPUProgram, MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
export type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';

/** Loads a backend's code (its kernels register themselves); `tf.setBackend` still has to be called. */
export const loaders = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
} as const;
