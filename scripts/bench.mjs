/**
 * `npm run bench`: this library against stock tfjs, PyTorch and the machine's own matMul, and the page in Chromium; one table, or with
 * `--json` one object. "Stock" is the same net on tfjs 4.22 as it comes: plain tf ops, `tf.train.adam`, its own wasm kernels, and a naive
 * filter gradient, which stock wasm lacks.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { notAsked, ratiosOf, tableOf } from './bench/table.mjs';
import { Failure, fail, isMain, main, setup } from './setup.mjs';

/** What each part needs: processes, a browser, a browser with software graphics. */
const parts = {
  step: ['ours', 'stock', 'torch'],
  methods: ['ours', 'stock'],
  growth: ['ours'],
  kernels: ['ours', 'stock'],
  evaluate: ['ours'],
  gpu: ['graphics'],
  page: ['browser'],
  compare: ['browser'],
  memory: ['ours'],
};

const usage = `Usage: npm run bench -- [--only ${Object.keys(parts).join(',')}] [--long] [--json] [--route '#/method/simclr?data=mnist']`;

/** Command line → `{ chosen, json, route }`. Fails with a sentence on what it does not know. */
export function readArguments(args) {
  let values;
  try {
    const options = {
      only: { type: 'string' },
      long: { type: 'boolean' },
      json: { type: 'boolean' },
      route: { type: 'string' },
      help: { type: 'boolean' },
    };
    ({ values } = parseArgs({ args, options }));
  } catch ({ message }) {
    fail(`${message.split('. ')[0]}. ${usage}`);
  }
  const { only, long = false, json = false, route = '#/method/simclr?data=mnist', help = false } = values;
  const named = only?.split(',').map((name) => name.trim());
  const unknown = named?.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined)
    fail(`There is no part “${unknown}”; --only takes ${Object.keys(parts).join(', ')}, with commas between them.`);
  if (!route.startsWith('#/')) fail(`--route is “${route}”, expected a page's address such as '#/method/simclr?data=mnist'.`);
  return {
    chosen: Object.keys(parts).filter((name) => (named ? named.includes(name) : name !== 'memory') || (long && name === 'memory')),
    json,
    route,
    help,
  };
}

/** Starts what the chosen parts need: the process or browser, or null with the reason. */
async function open(needs, reasons) {
  const { startOurs, startStock } = await import('./bench/bundles.mjs');
  const { startTorch } = await import('./bench/children.mjs');
  const startBrowser = async (kind) => {
    const { findBrowser, paintingFlags, softwareFlags } = await import('./browser.mjs');
    const executablePath = await findBrowser();
    if (!executablePath) throw new Failure('no Chrome, Chromium or Edge found: `npm test` installs one');
    const { chromium } = await import('playwright-core');
    return chromium.launch({ executablePath, args: kind === 'graphics' ? softwareFlags : paintingFlags });
  };
  const starters = { ours: startOurs, stock: startStock, torch: startTorch, browser: startBrowser, graphics: startBrowser };
  const opened = {};
  for (const need of needs) {
    opened[need] = await starters[need](need).catch((error) => {
      if (need === 'ours' || need === 'stock') throw error;
      reasons[need] = error.message;
      return null;
    });
  }
  return opened;
}

/** Runs the chosen parts one after another; resolves to all figures, missing ones null with a reason. */
async function measure({ chosen, route }) {
  const reasons = {};
  const engine = await import('./bench/engine.mjs');
  const { countGpuCalls } = await import('./bench/gpu.mjs');
  const { measureCompare } = await import('./bench/compare.mjs');
  const { measurePage } = await import('./bench/page.mjs');
  const runs = {
    step: engine.benchStep,
    methods: engine.methodSteps,
    growth: engine.growth,
    kernels: engine.kernelsOfStep,
    evaluate: engine.evaluation,
    gpu: ({ graphics }, context) => (graphics ? countGpuCalls(graphics, context) : {}),
    page: ({ browser }, context) => measurePage(browser, { ...context, route }),
    compare: ({ browser }, context) => measureCompare(browser, context),
    memory: engine.memory,
  };
  const figures = {};
  for (const name of chosen) {
    const say = (what) => process.stderr.write(`${name}: ${what}\n`);
    say('starting');
    // Fresh processes for each part: none inherits another's heap.
    const opened = await open(parts[name], reasons);
    try {
      Object.assign(figures, await runs[name](opened, { say, reasons }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      reasons[name] = error.message;
    } finally {
      for (const one of Object.values(opened)) await (one?.close?.() ?? one?.end());
    }
  }
  return complete(figures, chosen, reasons);
}

/** Every promised figure is there: null, with a reason, where its part did not run or found nothing. */
export function complete(figures, chosen, reasons) {
  const promised = {
    step: { benchStep: { oursMs: null, stockMs: null, torchOneThreadMs: null, gflops: null }, matmulGflops: null },
    methods: { methods: {} },
    gpu: { webgpuDispatches: { ours: null, stock: null }, webglDraws: { ours: null, stock: null } },
    page: { pageJsGzipBytes: null, longestTaskMs: null },
    compare: { compare: null },
  };
  const result = { ...figures };
  for (const [part, names] of Object.entries(promised)) {
    const why = chosen.includes(part) ? reasons[part] : notAsked;
    delete reasons[part];
    for (const [name, empty] of Object.entries(names)) {
      if (why && result[name] === undefined) reasons[name] ??= why;
      result[name] ??= empty;
    }
  }
  for (const [need, names] of Object.entries({
    torch: ['benchStep.torchOneThreadMs'],
    graphics: ['webgpuDispatches', 'webglDraws'],
    browser: ['longestTaskMs', 'compare'],
  })) {
    if (reasons[need]) for (const name of names) reasons[name] ??= reasons[need];
    delete reasons[need];
  }
  return { ...result, ratios: ratiosOf(result), reasons };
}

if (isMain(import.meta.url)) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  await main(async () => {
    await setup();
    const { help, json, ...job } = readArguments(process.argv.slice(2));
    if (help) return console.log(usage);
    const { prepareOrWarn } = await import('./data.mjs');
    await prepareOrWarn();
    const machine = { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), load: loadavg()[0], node: process.version };
    const result = {
      ...(await measure(job)),
      machine: { ...machine, loadAtEnd: loadavg()[0] },
      stock: 'tfjs 4.22 as it comes: plain tf ops, tf.train.adam, its own wasm kernels and a naive filter gradient',
    };
    console.log(
      json
        ? JSON.stringify(result)
        : `${tableOf(result)}\n\n${machine.cpu}, ${machine.cores} cores, load ${machine.load.toFixed(1)} at the start and ${result.machine.loadAtEnd.toFixed(1)} at the end. Stock: ${result.stock}.`,
    );
  });
}
