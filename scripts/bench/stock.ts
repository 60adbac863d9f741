/**
 * The bench process of stock tfjs: its own wasm kernels plus a naive filter gradient. ./bundles.mjs builds it with the modules of
 * ./stock in the place of ours, so that the methods' own code runs on plain tf ops and `tf.train.adam`.
 */
import { join } from 'node:path';
import { registerGradientRepairs } from '../../src/ops/kernels/gradients.ts';
import * as tf from '../../src/tf.ts';
import { serve } from './jobs.ts';
import { registerNaiveKernels } from './stock/kernels.ts';
import { createStockStep } from './stock/step.ts';

const wasm = await tf.loaders.wasm();
wasm.setWasmPaths(join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
registerNaiveKernels();
// Gradients that throw in tfjs, on every backend; they are no faster.
registerGradientRepairs();
await tf.setBackend('wasm');
await serve(createStockStep);
