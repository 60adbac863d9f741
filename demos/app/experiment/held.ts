import type { RunRecord } from '../../../src/train/record.ts';
import type { Failure } from '../../../src/worker/protocol.ts';
import { library } from '../library/index.ts';
import { type Experiment, readExperiment } from './record.ts';

/** `experiment`: the one to look at. */
export type Held = Failure & { readonly experiment?: string };

/** Why a run that somebody else has open does not open here; an experiment that is training it is named. */
export function heldSays({ id }: Pick<RunRecord, 'id'>, experiment: Experiment | null): Held {
  const trains = experiment?.cells.some(({ run, state }) => run === id && state === 'running');
  if (!experiment || !trains)
    return { message: 'This run is open in another tab.', advice: 'Go on there; here a new run with the same settings stands ready.' };
  return {
    message: `The experiment “${experiment.name}” is training this run.`,
    advice: 'Its page shows how far it is. Here a new run with the same settings stands ready.',
    experiment: experiment.id,
  };
}

/** The same for a run of this device. */
export const whoHolds = async (run: RunRecord): Promise<Held> =>
  heldSays(run, run.experiment ? readExperiment(await (await library()).experiments.get(run.experiment)) : null);
