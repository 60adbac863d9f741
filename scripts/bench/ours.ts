/** The bench process of this library: wasm as `npm run train` uses it. */
import { createBenchStep } from '../../src/train/bench.ts';
import { useWasm } from '../wasm.ts';
import { serve } from './jobs.ts';

await useWasm();
await serve(createBenchStep);
