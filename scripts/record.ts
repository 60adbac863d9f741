/** The recorder behind `npm run record`: reference runs of every method on every data set that it accepts, in Node on wasm. */
import { parseArgs } from 'node:util';
import { loadDataset } from '../src/data/datasets.ts';
import { methods } from '../src/methods/index.ts';
import type { Method } from '../src/methods/method.ts';
import { unknown } from '../src/nearest.ts';
import { acceptedData } from '../src/train/settings.ts';
import { readLocal } from './read-data.ts';
import { isFinished, readCached, record } from './record-train.ts';
import { useWasm } from './wasm.ts';

const registry: Readonly<Record<string, Method>> = methods;

/** Reads the command line. Throws a sentence for what it does not know. */
function read(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      seeds: { type: 'string', default: '0,1,2' },
      stage: { type: 'string' },
      cache: { type: 'string', default: '.cache/record' },
    },
  });
  const all = Object.values(registry).flatMap((method) => acceptedData(method).map((data) => `${method.id}/${data}`));
  const strange = values.only?.find((pair) => !all.includes(pair));
  if (strange !== undefined) throw new Error(unknown('reference run', strange, all));
  const seeds = values.seeds.split(',').map(Number);
  if (!seeds.every((seed) => Number.isInteger(seed) && seed >= 0))
    throw new Error(`--seeds takes whole numbers like 0,1,2, got ${values.seeds}`);
  return { pairs: values.only ?? all, seeds, cache: values.cache };
}

async function main(): Promise<void> {
  const { pairs, seeds, cache } = read(process.argv.slice(2));
  await useWasm();
  for (const seed of seeds)
    for (const pair of pairs) {
      const [id, data] = pair.split('/') as [string, string];
      const known = await readCached(cache, id, data, seed);
      if (known && isFinished(known)) continue;
      try {
        const { seconds } = await record(cache, registry[id]!, await loadDataset(data, readLocal('public/data')), seed);
        console.log(`${pair} seed ${seed}: trained in ${(seconds / 60).toFixed(1)} min`);
      } catch (error) {
        console.error(`${pair} seed ${seed}: ${(error as Error).message}`);
        process.exitCode = 1;
      }
    }
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
