/** tfjs on wasm in Node. */
import { join } from 'node:path';
import { prepareBackend } from '../src/ops/backend.ts';

/** Makes wasm, with our kernels, the backend of this process. */
export const useWasm = () => prepareBackend('wasm', { paths: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/dist/') });
