/** The figures of `npm run bench` as one table of lines "figure, value, ratio, what it must reach". */

/** The reason of figures whose part was not chosen; the table leaves them out. */
export const notAsked = 'not asked for (--only)';

const ms = (value) => (value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`);
const megabytes = (value) => `${(value / 2 ** 20).toFixed(1)} MiB`;
const ratio = (a, b) => (a && b ? a / b : null);

/** Ratios of one run; null where a side was not measured. */
export function ratiosOf({ benchStep, matmulGflops, webgpuDispatches, webglDraws, methods = {} }) {
  return {
    oursToStock: ratio(benchStep?.oursMs, benchStep?.stockMs),
    gflopsToMatmul: ratio(benchStep?.gflops, matmulGflops),
    oursToTorchOneThread: ratio(benchStep?.oursMs, benchStep?.torchOneThreadMs),
    webgpuOursToStock: ratio(webgpuDispatches?.ours, webgpuDispatches?.stock),
    webglOursToStock: ratio(webglDraws?.ours, webglDraws?.stock),
    methods: Object.fromEntries(Object.entries(methods).map(([id, { oursMs, stockMs }]) => [id, ratio(oursMs, stockMs)])),
  };
}

/** One row a figure; a figure of a part that did not run is left out, one that could not be measured shows a dash. */
function rowsOf(result) {
  const {
    benchStep: step,
    matmulGflops,
    methods,
    growth,
    kernels,
    held,
    evaluation,
    webgpuDispatches: gpu,
    webglDraws: gl,
    compare,
    memory,
    ratios,
    reasons,
  } = result;
  const asked = (name) => result[name] !== undefined && reasons[name] !== notAsked;
  const rows = [];
  const row = (name, value, format, of = '', must = '') =>
    rows.push([name, value === null || value === undefined ? '–' : format(value), of, must]);
  const part = (a, what) => (a === null || a === undefined ? '' : `ours = ${a.toPrecision(2)} × ${what}`);
  if (asked('benchStep')) {
    row('bench step, ours', step.oursMs, ms);
    row('bench step, stock tfjs wasm', step.stockMs, ms, part(ratios.oursToStock, 'stock'), '≤ 0.1');
    row('bench step, PyTorch, one thread', step.torchOneThreadMs, ms, part(ratios.oursToTorchOneThread, 'PyTorch'), '≤ 3');
    row('bench step, PyTorch, two threads', step.torchTwoThreadsMs, ms);
    row('bench step, rate', step.gflops, (v) => `${v.toFixed(1)} GFLOP/s`, part(ratios.gflopsToMatmul, 'matMul'), '≥ 0.6');
    row('matMul 1024³, stock wasm', matmulGflops, (v) => `${v.toFixed(1)} GFLOP/s`);
    row('losses, ours and stock', step.lossGap, (v) => `${v.toExponential(1)} apart`);
  }
  for (const [id, { oursMs, stockMs, data, batch }] of Object.entries(methods ?? {})) {
    const rate = oursMs ? `${(1000 / oursMs).toFixed(1)} steps/s` : '';
    row(`${id}, ${data}, batch ${batch}, ours`, oursMs, ms, rate, id === 'simclr' ? '≥ 8 steps/s' : '');
    row(`${id}, stock`, stockMs, ms, part(ratios.methods[id], 'stock'));
  }
  if (growth) {
    for (const [batch, value] of Object.entries(growth.ms)) row(`bench step, batch ${batch}`, value, ms);
    row('growth of the time, 32 → 512', growth.exponent, (v) => `batch^${v.toFixed(2)}`, '', '≤ 1');
  }
  if (kernels) {
    row('wasm kernels a bench step', kernels.ours, String, `stock ${kernels.stock}`);
    for (const { name, calls, share } of kernels.shares.slice(0, 8))
      row(`  ${name}`, share, (v) => `${(100 * v).toFixed(0)} %`, `${calls} calls`);
    for (const [id, { calls, slowest }] of Object.entries(kernels.methods)) {
      row(
        `wasm kernels a step of ${id}`,
        calls,
        String,
        slowest.map(({ name, share }) => `${name} ${(100 * share).toFixed(0)} %`).join(', '),
      );
    }
    row('held after the bench step', held.bytes, megabytes, `${held.tensors} tensors, wasm heap ${megabytes(held.heapBytes)}`);
  }
  if (evaluation) {
    const { probe, knn, rankMe, clusters, fewLabels } = evaluation.ms;
    row('evaluation of 10,000 × 128', evaluation.totalMs, ms, 'probe, kNN, RankMe, clusters', '≤ 5 s');
    row('  probe, kNN, RankMe, clusters', probe, () => [probe, knn, rankMe, clusters].map((v) => v.toFixed(0)).join(', '), 'ms');
    row('  few labels, 10 a class', fewLabels, ms, 'five draws');
    row('  longest piece', evaluation.longestPieceMs, ms, 'training waits so long at a time');
  }
  if (asked('webgpuDispatches'))
    row('WebGPU dispatches a bench step', gpu.ours, String, part(ratios.webgpuOursToStock, `stock's ${gpu.stock}`), '≤ 0.3');
  if (asked('webglDraws')) row('WebGL draws a bench step', gl.ours, String, part(ratios.webglOursToStock, `stock's ${gl.stock}`), '≤ 0.45');
  if (asked('pageJsGzipBytes')) {
    const { pageJsGzipBytes, tfjsInWorkerOnly, longestTaskMs, longestTaskProcessorMs: ofProcessor, longTasks, longTasksProcessor } = result;
    const { firstLossMs, stepsPerSecond } = result;
    const where = tfjsInWorkerOnly ? 'tfjs in the worker only' : 'tfjs on the page too';
    row('scripts of a method page, gzip', pageJsGzipBytes, (v) => `${(v / 1000).toFixed(0)} kB`, where, '≤ 180 kB');
    row('longest main-thread task', longestTaskMs, ms, longTasks === undefined ? '' : `${longTasks} over 50 ms`);
    if (ofProcessor !== undefined) row('  by processor time', ofProcessor, ms, `${longTasksProcessor} over 50 ms`, '≤ 50 ms');
    if (firstLossMs !== undefined) row('Train → first loss', firstLossMs, ms, `${stepsPerSecond.toFixed(1)} steps/s in the page`, '≤ 2 s');
  }
  for (const [when, name] of Object.entries({ still: 'Compare, 10 runs', streaming: '  one of them streaming' })) {
    if (!asked('compare')) break;
    const { taskMs, taskProcessorMs, tasksOver50, tasksOver50Processor, paintMs, paintsOver100, frameMs, framesOver50, frames } =
      compare?.[when] ?? {};
    row(`${name}: longest main-thread task`, taskMs, ms, `${tasksOver50} over 50 ms`);
    row('  by processor time', taskProcessorMs, ms, `${tasksOver50Processor} over 50 ms`, '≤ 50 ms');
    row('  interaction → paint', paintMs, (v) => (v ? ms(v) : '< 16 ms'), `${paintsOver100} over 100 ms`, '< 100 ms');
    row('  longest gap of frames', frameMs, ms, `${framesOver50} of ${frames} over 50 ms`, '≤ 50 ms');
  }
  for (const [id, { first, most, last }] of Object.entries(memory ?? {})) {
    const same =
      most.tensors === first.tensors && most.bytes === first.bytes && last.tensors === first.tensors && last.bytes === first.bytes;
    row(
      `10,000 steps of ${id}`,
      last.tensors,
      (v) => `${v} tensors`,
      `${megabytes(last.bytes)}, ${same ? 'constant' : `from ${first.tensors} tensors`}`,
      'constant',
    );
  }
  return rows;
}

/** The table as text, then why figures are missing. */
export function tableOf(result) {
  const rows = [['figure', 'value', 'compared', 'must reach'], ...rowsOf(result)];
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((cells) => cells[i].length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, i) => (i === 1 ? cell.padStart(widths[1]) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const reasons = Object.entries(result.reasons)
    .filter(([, why]) => why !== notAsked)
    .map(([name, why]) => `${name}: ${why}`);
  return [
    lines[0],
    '─'.repeat(Math.max(...lines.map(({ length }) => length))),
    ...lines.slice(1),
    ...(reasons.length ? ['', 'Notes', ...reasons] : []),
  ].join('\n');
}
