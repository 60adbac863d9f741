/** What a bench process does when told: one JSON request a line on stdin, one JSON answer a line on stdout. */
import { createInterface } from 'node:readline';
import { loadDataset } from '../../src/data/datasets.ts';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { type BenchSize, type BenchStep, benchFlops, benchSize } from '../../src/train/bench.ts';
import { createSession, type Session } from '../../src/train/session.ts';
import { acceptedData } from '../../src/train/settings.ts';
import { readLocal } from '../read-data.ts';
import { measureEvaluation } from './evaluate.ts';
import { measureKernels } from './kernels.ts';

const registry: Readonly<Record<string, Method>> = methods;

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const started = performance.now();
  const value = await work();
  return { ms: performance.now() - started, value };
}

/** What is held now: tensors, their bytes, and the wasm heap, which never shrinks and so shows the most that was ever needed. */
function held() {
  const { numTensors: tensors, numBytes: bytes } = tf.memory();
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return { tensors, bytes, heapBytes: wasm.HEAPU8.buffer.byteLength };
}

/** Answers requests until stdin ends. `createStep` is this process's own version of the bench step. */
export async function serve(createStep: (size: BenchSize) => BenchStep): Promise<void> {
  const steps = new Map<number, BenchStep>();
  let current: { readonly key: string; readonly session: Session } | null = null;

  const benchStep = async (batch: number) => {
    let step = steps.get(batch);
    if (!step) {
      step = createStep({ ...benchSize, batch });
      steps.set(batch, step);
    }
    const loss = step.step();
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  };
  /** The session on the first data set that the method accepts, with its own defaults but for `settings`. One at a time: it holds the data. */
  const sessionOf = async (id: string, settings: Readonly<Record<string, number>> = {}) => {
    const key = JSON.stringify([id, settings]);
    if (current?.key !== key) {
      current?.session.dispose();
      const method = registry[id]!;
      const data = await loadDataset(acceptedData(method)[0]!, readLocal('public/data'));
      current = { key, session: createSession(method, data, { seed: 0, settings }) };
    }
    return current.session;
  };
  const advance = async (session: Session) => {
    const { metrics } = await session.advance();
    return (await metrics).loss!;
  };

  const jobs = {
    /** One bench step: its time and loss. */
    step: async ({ batch = benchSize.batch }: { batch?: number }) => {
      const { ms, value } = await timed(() => benchStep(batch));
      return { ms, loss: value, flops: benchFlops({ ...benchSize, batch }) };
    },
    /** One step of a method with its default settings. */
    method: async ({ id }: { id: string }) => {
      const session = await sessionOf(id);
      const { ms, value } = await timed(() => advance(session));
      return { ms, loss: value, data: session.data.id, batch: session.settings.batchSize };
    },
    methods: async () => Object.keys(registry),
    /** One product of two n × n matrices. */
    matmul: async ({ n }: { n: number }) => {
      const [a, b] = [rng(1).normals<tf.Rank.R2>([n, n]), rng(2).normals<tf.Rank.R2>([n, n])];
      const { ms, value } = await timed(async () => {
        const c = tf.matMul(a, b);
        await c.data();
        return c;
      });
      tf.dispose([a, b, value]);
      return { ms };
    },
    /** The parts of an evaluation of 10,000 embeddings of 128 dimensions. */
    evaluate: measureEvaluation,
    /** The kernels of one bench step, or of a method's, and what is held after it. */
    kernels: async ({ id, batch = benchSize.batch }: { id?: string; batch?: number }) => {
      const session = id ? await sessionOf(id) : null;
      const once: () => Promise<unknown> = session ? () => advance(session) : () => benchStep(batch);
      await once();
      return { ...(await measureKernels(once)), ...held() };
    },
    /** Steps of a method with tiny batches: what is held must not grow. The first hundred settle caches and the heap. */
    memory: async ({ id, steps: count, settings }: { id: string; steps: number; settings: Record<string, number> }) => {
      const session = await sessionOf(id, settings);
      let first = held();
      let most = { tensors: 0, bytes: 0 };
      for (let step = 1; step <= count; step++) {
        await advance(session);
        if (step === 100) first = held();
        const now = held();
        if (step > 100) most = { tensors: Math.max(most.tensors, now.tensors), bytes: Math.max(most.bytes, now.bytes) };
        if (step % 1000 === 0) console.error(`  ${id}: ${step} of ${count} steps, ${now.tensors} tensors, ${now.bytes} bytes`);
      }
      return { first, most, last: held() };
    },
  };

  // tfjs greets on stdout, which belongs to the answers.
  console.log = console.error;
  const answer = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
  answer({ value: 'ready' });
  for await (const line of createInterface({ input: process.stdin })) {
    const { job, ...args } = JSON.parse(line) as { job: keyof typeof jobs };
    try {
      answer({ value: await (jobs[job] as (args: object) => Promise<unknown>)(args) });
    } catch (error) {
      answer({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}
