/** The headless trainer behind `npm run train`: one run in Node on wasm, then its scores on held-out data. */
import { parseArgs } from 'node:util';
import { type DatasetInfo, datasets, loadDataset } from '../src/data/datasets.ts';
import { evaluate } from '../src/evaluate/evaluate.ts';
import { fromText, type Spec, type Value } from '../src/hparams.ts';
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

/** "temperature=0.2   0.02…2   what it is", one setting a line. */
const line = (key: string, { default: value, doc, control }: Spec): string => {
  const range =
    control.kind === 'slider'
      ? `${control.min}…${control.max}`
      : control.kind === 'select'
        ? control.options.join('|')
        : control.kind === 'text'
          ? 'text'
          : 'true|false';
  return `    --set ${`${key}=${value}`.padEnd(24)} ${range.padEnd(16)} ${doc}`;
};

/** Every method with its data and settings; what further data change or add is listed beneath them. */
function list(): void {
  for (const method of Object.values(registry)) {
    console.log(`\n${method.id}  ${method.name} (${method.paper.year}): ${method.summary}`);
    const seen = new Map<string, string>();
    const sections = new Map<string, string[]>();
    for (const id of acceptedData(method)) {
      const fresh = Object.entries(flatten(settingsOf(method, infos[id]!)))
        .map(([key, spec]) => [key, line(key, spec)] as const)
        .filter(([key, text]) => seen.get(key) !== text);
      if (!sections.size) for (const [key, text] of fresh) seen.set(key, text);
      const text = fresh.map(([, t]) => t).join('\n');
      sections.set(text, [...(sections.get(text) ?? []), id]);
    }
    for (const [text, ids] of sections) console.log(`  on ${ids.join(', ')}${text ? `:\n${text}` : ' likewise'}`);
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
  let latest: Readonly<Record<string, number>> = {};
  const run = train(method, data, { seed, settings });
  const show = progress(run.session.settings.steps);
  for await (const { step, metrics } of run) {
    latest = { ...latest, ...metrics };
    say({ type: 'metrics', step, ...metrics });
    if (!json) show(step, latest);
  }
  if (!json) console.log('Scoring on held-out data …');
  const { session } = run;
  const seconds = Math.round(performance.now() - started) / 1000;
  const scores = await evaluate(session, seed);
  session.dispose();
  const final = { type: 'final', method: method.id, data: id, seed, steps: session.step, seconds, scores };
  console.log(JSON.stringify(final, null, json ? undefined : 2));
}

/** A progress line that overwrites itself on a terminal, and one line a tenth of the run elsewhere. */
function progress(steps: number): (step: number, metrics: Readonly<Record<string, number>>) => void {
  const started = performance.now();
  const terminal = process.stdout.isTTY;
  let shown = 0;
  return (step, metrics) => {
    const now = performance.now();
    const due = step === steps || (terminal ? now - shown > 200 : Math.floor((step / steps) * 10) > Math.floor(((step - 1) / steps) * 10));
    if (!due) return;
    shown = now;
    const bar = '█'.repeat(Math.round((step / steps) * 20)).padEnd(20, '░');
    const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
    const left = Math.ceil((((now - started) / 1000) * (steps - step)) / step);
    process.stdout.write(
      `${terminal ? '\r' : ''}${bar} ${step}/${steps}  ${numbers.join('  ')}  ${left} s left   ${terminal && step < steps ? '' : '\n'}`,
    );
  };
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
