import { isOwn } from '../../../src/data/dataset.ts';
import type { OwnInfo } from '../../../src/data/own/store.ts';
import type { RunSpec } from '../../../src/train/record.ts';
import type { Failure } from '../../../src/worker/protocol.ts';
import { catalogue } from '../catalogue.ts';
import { integer } from '../format.ts';
import { dataName } from '../runs.ts';
import type { Trouble } from './plan.ts';
import type { Experiment } from './record.ts';

/** The reader's own sets among the data of runs: their names, by id. */
export const namesOfOwn = (specs: readonly RunSpec[]): Readonly<Record<string, string>> =>
  Object.fromEntries(specs.filter(({ data }) => isOwn(data)).map(({ data }) => [data, dataName(data)]));

/** The name of a data set in an experiment: of one's own set that was deleted since, the name that it had. */
export const dataNameIn = ({ own }: Pick<Experiment, 'own'>, id: string): string =>
  Object.hasOwn(catalogue.datasets, id) ? dataName(id) : (own?.[id] ?? dataName(id));

/** Why a run on a set of one's own cannot train. */
export const goneSet = (experiment: Pick<Experiment, 'own'>, id: string): Failure => ({
  message: `“${dataNameIn(experiment, id)}”, a set of your own, is no longer on this device: it was deleted`,
  advice: 'Make a new experiment with a set that is there',
});

/** Own sets that are smaller than the batch of a run: training would refuse them, so the form does. */
export function tooSmall(specs: readonly RunSpec[], own: readonly OwnInfo[]): Trouble[] {
  return own.flatMap(({ id, name, train }): Trouble[] => {
    const largest = Math.max(0, ...specs.filter(({ data }) => data === id).map(({ settings }) => Number(settings.batchSize)));
    if (largest <= train) return [];
    const says = `“${name}” has only ${integer(train)} training images, fewer than a batch of ${integer(largest)}`;
    return [{ field: 'vary', message: `${says}: add the setting batch size, with values up to ${integer(train)}` }];
  });
}
