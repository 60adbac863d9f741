/** The recorder behind `npm run record`: reference runs of every method on every data set that it accepts, in Node on wasm. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DatasetInfo, datasets, loadDataset } from '../src/data/datasets.ts';
import { methods } from '../src/methods/index.ts';
import type { Method } from '../src/methods/method.ts';
import { unknown } from '../src/nearest.ts';
import { recordingName } from '../src/train/recording.ts';
import { acceptedData } from '../src/train/settings.ts';
import { readLocal } from './read-data.ts';
import { distil } from './record-distil.ts';
import { packRecording } from './record-pack.ts';
import { type Cached, isFinished, readCached, record } from './record-train.ts';
import { useWasm } from './wasm.ts';

const registry: Readonly<Record<string, Method>> = methods;

const infos: Readonly<Record<string, DatasetInfo>> = datasets;
/** Where the site takes them from. */
const folder = 'public/recorded';

/** Reads the command line. Throws a sentence for what it does not know. */
function read(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      seeds: { type: 'string', default: '0,1,2' },
      stage: { type: 'string' },
      cache: { type: 'string', default: '.cache/record' },
      rescore: { type: 'boolean', default: false },
    },
  });
  const all = Object.values(registry).flatMap((method) => acceptedData(method).map((data) => `${method.id}/${data}`));
  const strange = values.only?.find((pair) => !all.includes(pair));
  if (strange !== undefined) throw new Error(unknown('reference run', strange, all));
  if (values.stage !== undefined && !['train', 'distil'].includes(values.stage))
    throw new Error(`--stage takes train or distil (both when absent), got ${values.stage}`);
  const seeds = values.seeds.split(',').map(Number);
  if (!seeds.every((seed) => Number.isInteger(seed) && seed >= 0))
    throw new Error(`--seeds takes whole numbers like 0,1,2, got ${values.seeds}`);
  const pairs = (values.only ?? all).map((pair) => {
    const [method, data] = pair.split('/') as [string, string];
    return { pair, method: registry[method]!, info: infos[data]! };
  });
  return { ...values, pairs, seeds };
}
type Plan = ReturnType<typeof read>;

const load = (id: string) => loadDataset(id, readLocal('public/data'));

/** Stage 1: trains what the cache lacks. A run that fails is told, and the next one begins. */
async function trainAll({ pairs, seeds, cache }: Plan): Promise<void> {
  for (const seed of seeds)
    for (const { pair, method, info } of pairs) {
      const known = await readCached(cache, method, info, seed);
      if (known && isFinished(known)) continue;
      try {
        const { seconds } = await record(cache, method, await load(info.id), seed);
        console.log(`${pair} seed ${seed}: trained in ${(seconds / 60).toFixed(1)} min`);
      } catch (error) {
        console.error(`${pair} seed ${seed}: ${(error as Error).message}`);
        process.exitCode = 1;
      }
    }
}

/** Stage 2: writes a file for each pair with finished runs, and the list of all files, from which pages know what there is. */
async function distilAll({ pairs, seeds, cache, rescore }: Plan): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { pair, method, info } of pairs) {
    const runs: { seed: number; run: Cached }[] = [];
    for (const seed of seeds) {
      const run = await readCached(cache, method, info, seed);
      if (run && isFinished(run)) runs.push({ seed, run });
    }
    // The first seed alone has kept its moments.
    if (runs[0]?.seed !== 0) {
      console.log(`${pair}: not recorded, as seed 0 is not trained to its end`);
      continue;
    }
    const text = packRecording(await distil(cache, method, await load(info.id), runs, rescore));
    await writeFile(join(folder, `${recordingName(method.id, info.id)}.json`), text);
    console.log(`${pair}: ${runs.length} seeds, ${Math.round(text.length / 1000)} kB`);
  }
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && name !== 'index.json');
  await writeFile(join(folder, 'index.json'), `${JSON.stringify(names.map((name) => name.replace(/\.json$/, '')).sort())}\n`);
}

async function main(): Promise<void> {
  const plan = read(process.argv.slice(2));
  await useWasm();
  if (plan.stage !== 'distil') await trainAll(plan);
  if (plan.stage !== 'train') await distilAll(plan);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
