/** Prints what the pages know of methods and data sets as JSON, drawn from the objects themselves. */
import type { Catalogue, MethodInfo } from '../demos/app/catalogue.ts';
import { type DatasetInfo, datasets } from '../src/data/datasets.ts';
import { methods } from '../src/methods/index.ts';
import type { Method } from '../src/methods/method.ts';
import { acceptedData, settingsOf } from '../src/train/settings.ts';

const infos: Readonly<Record<string, DatasetInfo>> = datasets;
/** What training calls. */
const core = ['init', 'loss', 'after', 'epoch', 'tuned'];

function describe(method: Method): MethodInfo {
  const { id, name, family, paper, summary, equation, data, units } = method;
  const functions = Object.entries(method).filter(([, value]) => typeof value === 'function');
  return {
    ...{ id, name, family, paper, summary, equation, data },
    ...(units ? { units } : {}),
    capabilities: functions.map(([key]) => key).filter((key) => !core.includes(key)),
    settings: Object.fromEntries(acceptedData(method).map((set) => [set, settingsOf(method, infos[set]!)])),
  };
}

const catalogue: Catalogue = {
  methods: Object.fromEntries(Object.values<Method>(methods).map((method) => [method.id, describe(method)])),
  datasets,
};
process.stdout.write(JSON.stringify(catalogue));
