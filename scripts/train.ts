/** The headless trainer behind `npm run train`: one run in Node on wasm, then its scores on held-out data. */
import { parseArgs } from 'node:util';
import { type DatasetInfo, datasets, loadDataset } from '../src/data/datasets.ts';
import { evaluate } from '../src/evaluate/evaluate.ts';
import { fromText, type Value } from '../src/hparams.ts';
import { methods } from '../src/methods/index.ts';
import type { Method } from '../src/methods/method.ts';
import { unknown } from '../src/nearest.ts';
import { acceptedData, flatten, settingsOf } from '../src/train/settings.ts';
import { train } from '../src/train/train.ts';
import { readLocal } from './read-data.ts';
import { useWasm } from './wasm.ts';

const usage = 'Usage: npm run train -- <method> --data <name> [--steps N] [--seed S] [--set key=value …] [--json], or --list';

const infos: Readonly<Record<string, DatasetInfo>> = datasets;
const registry: Readonly<Record<string, Method>> = methods;

function list(): void {
  for (const method of Object.values(registry)) {
    const data = acceptedData(method);
    console.log(`\n${method.id}  ${method.name} (${method.paper.year}): ${method.summary}\n  data: ${data.join(', ')}`);
    const [first] = data;
    const specs = flatten(settingsOf(method, infos[first!]!));
    for (const [key, { default: value, doc, control }] of Object.entries(specs)) {
      const range =
        control.kind === 'slider' ? `${control.min}…${control.max}` : control.kind === 'select' ? control.options.join('|') : 'true|false';
      console.log(`  --set ${`${key}=${value}`.padEnd(24)} ${range.padEnd(16)} ${doc}`);
    }
  }
}

/** Reads the command line. Throws a sentence for what it does not know. */
function read(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      steps: { type: 'string' },
      seed: { type: 'string', default: '0' },
      set: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  if (values.list) return null;
  const [id, ...rest] = positionals;
  if (!id || rest.length)
    throw new Error(`${id ? `There is more than one method: ${positionals.join(' ')}` : 'No method is named'}. ${usage}`);
  const method = registry[id];
  if (!method) throw new Error(unknown('method', id, Object.keys(registry)));
  const accepted = acceptedData(method);
  const data = values.data ?? accepted[0]!;
  if (!infos[data]) throw new Error(unknown('data set', data, Object.keys(infos)));
  if (!accepted.includes(data)) throw new Error(`${method.name} does not train on ${data}; it accepts ${accepted.join(', ')}`);
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) throw new Error(`--seed must be a whole number, got ${values.seed}`);
  const known = Object.keys(flatten(settingsOf(method, infos[data])));
  const settings: Record<string, Value> = {};
  for (const pair of [...values.set, ...(values.steps === undefined ? [] : [`steps=${values.steps}`])]) {
    const [key, text] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    if (!pair.includes('=')) throw new Error(`--set takes key=value, got ${pair}`);
    if (!known.includes(key)) throw new Error(unknown('setting', key, known));
    settings[key] = fromText(text);
  }
  return { method, data, seed, settings, json: values.json };
}

async function main(): Promise<void> {
  const job = read(process.argv.slice(2));
  if (!job) return list();
  const { method, data: id, seed, settings, json } = job;
  await useWasm();
  const data = await loadDataset(id, readLocal('public/data'));
  const started = performance.now();
  const say = (line: Readonly<Record<string, unknown>>) => json && console.log(JSON.stringify(line));
  let shown = 0;
  let latest: Readonly<Record<string, number>> = {};
  const run = train(method, data, { seed, settings });
  for await (const { step, metrics } of run) {
    latest = { ...latest, ...metrics };
    say({ type: 'metrics', step, ...metrics });
    if (!json && (performance.now() - shown > 200 || step === run.session.settings.steps)) {
      shown = performance.now();
      show(step, run.session.settings.steps, latest, started);
    }
  }
  if (!json) process.stdout.write('\nScoring on held-out data …\n');
  const { session } = run;
  const seconds = Math.round(performance.now() - started) / 1000;
  const scores = await evaluate(session, seed);
  session.dispose();
  const final = { type: 'final', method: method.id, data: id, seed, steps: session.step, seconds, scores };
  console.log(JSON.stringify(final, null, json ? undefined : 2));
}

/** A progress line that overwrites itself on a terminal, and one line a tenth of the run elsewhere. */
function show(step: number, steps: number, metrics: Readonly<Record<string, number>>, started: number): void {
  const share = step / steps;
  const left = ((performance.now() - started) / 1000 / step) * (steps - step);
  const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  const bar = '█'.repeat(Math.round(share * 20)).padEnd(20, '░');
  process.stdout.write(`\r${bar} ${step}/${steps}  ${numbers.join('  ')}  ${Math.ceil(left)} s left   `);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
