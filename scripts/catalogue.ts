/** Prints what the pages know of methods and data sets as JSON, drawn from the objects themselves. */
import type { Details, MethodCard } from '../demos/app/catalogue.ts';
import { type DatasetInfo, datasets } from '../src/data/datasets.ts';
import { methods } from '../src/methods/index.ts';
import type { Method } from '../src/methods/method.ts';
import { acceptedData, settingsOf } from '../src/train/settings.ts';

const infos: Readonly<Record<string, DatasetInfo>> = datasets;
/** What training calls. */
const core = ['init', 'loss', 'after', 'epoch', 'iterate', 'tuned', 'fits'];

function cardOf(method: Method): MethodCard {
  const { id, name, family, summary, paper } = method;
  return { ...{ id, name, family, summary }, paper: { authors: paper.authors, year: paper.year }, accepts: acceptedData(method) };
}

function detailsOf(method: Method): Details {
  const { paper, equation, data, units } = method;
  const functions = Object.entries(method).filter(([, value]) => typeof value === 'function');
  return {
    ...{ paper, equation, data },
    ...(units ? { units } : {}),
    capabilities: functions.map(([key]) => key).filter((key) => !core.includes(key)),
    settings: Object.fromEntries(acceptedData(method).map((set) => [set, settingsOf(method, infos[set]!)])),
  };
}

const all = Object.values<Method>(methods);
const keyed = <T>(of: (method: Method) => T) => Object.fromEntries(all.map((method) => [method.id, of(method)]));
process.stdout.write(JSON.stringify({ cards: keyed(cardOf), details: keyed(detailsOf), datasets }));
