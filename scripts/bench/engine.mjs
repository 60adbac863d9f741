/** The parts of the bench that run in Node on wasm: ours, stock tfjs and PyTorch in processes of their own, taking turns. */
import { median, takeTurns } from './children.mjs';

/** Trials of what takes seconds a step, and of what does not. */
const [few, many] = [3, 9];

/** Losses of one seed from the first step on: the largest relative gap. */
const gapOf = (a, b) => Math.max(...a.slice(0, b.length).map((loss, i) => Math.abs(b[i] / loss - 1)));

/** Results of a task → the median of their `ms`, or null with the reason. */
function medianMs(results, name, reasons) {
  if (!(results instanceof Error)) return median(results.map(({ ms }) => ms));
  reasons[name] = results.message;
  return null;
}

const asks = (child, request, trials) => ({ trials, run: () => child.ask(request) });
const lossesOf = (first, rest) => (rest instanceof Error ? [] : [...first, ...rest].map(({ loss }) => loss));

/** The bench step: ours against stock, PyTorch on one and two threads, and stock's own product of two 1024 × 1024 matrices. */
export async function benchStep({ ours, stock, torch }, { say, reasons }) {
  const n = 1024;
  say('warm-up');
  const first = [await ours.ask({ job: 'step' }), await ours.ask({ job: 'step' })];
  // Stock takes so long for a step that its start does not show; small steps have its code compiled.
  await stock.ask({ job: 'step', batch: 8 });
  await stock.ask({ job: 'matmul', n });
  if (torch) for (const threads of [1, 2]) await torch.ask({ threads });
  const results = await takeTurns(
    {
      ours: asks(ours, { job: 'step' }, many),
      matmul: asks(stock, { job: 'matmul', n }, many),
      ...(torch ? { 'PyTorch, 1 thread': asks(torch, { threads: 1 }, many), 'PyTorch, 2 threads': asks(torch, { threads: 2 }, many) } : {}),
      'stock tfjs': asks(stock, { job: 'step' }, few),
    },
    say,
  );
  const oursMs = medianMs(results.ours, 'benchStep.oursMs', reasons);
  const stockMs = medianMs(results['stock tfjs'], 'benchStep.stockMs', reasons);
  const matmulMs = medianMs(results.matmul, 'matmulGflops', reasons);
  const torchMs = (threads, key) => (torch ? medianMs(results[`PyTorch, ${threads}`], `benchStep.${key}`, reasons) : null);
  const { flops } = first[0];
  return {
    benchStep: {
      oursMs,
      stockMs,
      torchOneThreadMs: torchMs('1 thread', 'torchOneThreadMs'),
      torchTwoThreadsMs: torchMs('2 threads', 'torchTwoThreadsMs'),
      gflops: oursMs && flops / oursMs / 1e6,
      gflop: flops / 1e9,
      lossGap: oursMs && stockMs ? gapOf(lossesOf(first, results.ours), lossesOf([], results['stock tfjs'])) : null,
    },
    matmulGflops: matmulMs && (2 * n ** 3) / matmulMs / 1e6,
  };
}

/** Each method's own default step on its first data set, ours against the same code on stock tfjs. */
export async function methodSteps({ ours, stock }, { say, reasons }) {
  const methods = {};
  for (const id of await ours.ask({ job: 'methods' })) {
    const request = { job: 'method', id };
    const figure = { oursMs: null, stockMs: null };
    methods[id] = figure;
    try {
      say(`${id}: warm-up`);
      const first = [await ours.ask(request), await ours.ask(request)];
      Object.assign(figure, { data: first[0].data, batch: first[0].batch });
      let stockFirst = [];
      try {
        stockFirst = [await stock.ask(request)];
      } catch (error) {
        reasons[`methods.${id}.stockMs`] = error.message;
      }
      const tasks = { ours: asks(ours, request, many), ...(stockFirst.length ? { stock: asks(stock, request, few) } : {}) };
      const results = await takeTurns(tasks, (what) => say(`${id}: ${what}`));
      figure.oursMs = medianMs(results.ours, `methods.${id}.oursMs`, reasons);
      if (!results.stock) continue;
      figure.stockMs = medianMs(results.stock, `methods.${id}.stockMs`, reasons);
      if (!figure.oursMs || !figure.stockMs) continue;
      figure.lossGap = gapOf(lossesOf(first, results.ours), lossesOf(stockFirst, results.stock));
      // The figures stand, but whoever reads them should know that the two did not learn alike.
      if (!(figure.lossGap < 1e-2))
        reasons[`methods.${id}.lossGap`] = `losses of ours and stock are ${figure.lossGap.toExponential(1)} apart`;
    } catch (error) {
      reasons[`methods.${id}.oursMs`] = error.message;
    }
  }
  return { methods };
}

/** Our bench step from 32 to 512 images. `exponent` is the slope of log time over log batch: 1 is linear. */
export async function growth({ ours }, { say, reasons }) {
  const batches = [32, 64, 128, 256, 512];
  for (const batch of batches) await ours.ask({ job: 'step', batch });
  const results = await takeTurns(
    Object.fromEntries(batches.map((batch) => [`batch ${batch}`, asks(ours, { job: 'step', batch }, 5)])),
    say,
  );
  const ms = batches.map((batch) => medianMs(results[`batch ${batch}`], `growth.${batch}`, reasons));
  const [first, last] = [ms[0], ms.at(-1)];
  const exponent = first && last ? Math.log(last / first) / Math.log(batches.at(-1) / batches[0]) : null;
  return { growth: { ms: Object.fromEntries(batches.map((batch, i) => [batch, ms[i]])), exponent } };
}

/** The wasm kernels of a step, ours and stock, with ours' shares of its time, and what is held after it. */
export async function kernelsOfStep({ ours, stock }, { say }) {
  say('bench step, ours');
  const mine = await ours.ask({ job: 'kernels' });
  say('bench step, stock (a small batch: the calls do not depend on it)');
  const theirs = await stock.ask({ job: 'kernels', batch: 4 });
  const perMethod = {};
  for (const id of await ours.ask({ job: 'methods' })) {
    say(id);
    const { calls, ms, kernels } = await ours.ask({ job: 'kernels', id });
    perMethod[id] = { calls, slowest: kernels.slice(0, 3).map((kernel) => ({ name: kernel.name, share: kernel.ms / ms })) };
  }
  return {
    kernels: {
      ours: mine.calls,
      stock: theirs.calls,
      shares: mine.kernels.map(({ name, calls, ms }) => ({ name, calls, share: ms / mine.ms })),
      methods: perMethod,
    },
    held: { tensors: mine.tensors, bytes: mine.bytes, heapBytes: mine.heapBytes },
  };
}

/** An evaluation of 10,000 × 128 embeddings: probe, kNN, RankMe and clusters, the median of three, and the longest piece of any. */
export async function evaluation({ ours }, { say }) {
  const runs = [];
  for (let trial = 1; trial <= few; trial++) {
    say(`10,000 × 128 embeddings, ${trial} of ${few}`);
    runs.push(await ours.ask({ job: 'evaluate' }));
  }
  const ms = Object.fromEntries(Object.keys(runs[0].ms).map((part) => [part, median(runs.map((run) => run.ms[part]))]));
  const { probe, knn, rankMe, clusters } = ms;
  return {
    evaluation: { totalMs: probe + knn + rankMe + clusters, ms, longestPieceMs: Math.max(...runs.map(({ longestMs }) => longestMs)) },
  };
}

/** 10,000 steps of each method in tiny batches: tensors and bytes after the hundredth step, at most, and at the end. */
export async function memory({ ours }, { say, reasons }) {
  const figures = {};
  const small = { realnvp: { batchSize: 2, couplings: 1, width: 8 } };
  for (const id of await ours.ask({ job: 'methods' })) {
    say(`${id}: 10,000 steps`);
    try {
      figures[id] = await ours.ask({ job: 'memory', id, steps: 10_000, settings: { steps: 10_000, batchSize: 4, ...small[id] } });
    } catch (error) {
      reasons[`memory.${id}`] = error.message;
    }
  }
  return { memory: figures };
}
