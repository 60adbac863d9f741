import { isOwn } from '../../../src/data/dataset.ts';
import type { RunSpec } from '../../../src/train/record.ts';
import { catalogue, twinOf } from '../catalogue.ts';
import { planOfSpec } from '../runs.ts';
import { newestSpeedOf, type Speeds, workOf } from '../speeds.ts';
import { type Budget, type Experiment, isOpen } from './record.ts';

/** Milliseconds of a step with the defaults, as seen on a laptop of two cores with wasm: for who has never trained the method. */
const typical: Readonly<Record<string, number>> = {
  'simclr/mnist': 115,
  'byol/mnist': 128,
  'relational/mnist': 110,
  'vae/mnist': 169,
  'deepcluster/mnist': 52,
  'realnvp/two-moons': 20,
};

/** Seconds beside a run's steps: its worker starts, and its scores are taken, of points in no time. */
const asideOf = ({ data }: RunSpec): number => (catalogue.datasets[data]?.kind === 'points' ? 2 : 8);

/** The name of the work of a run's step, under which its speed is remembered. */
export function workOfSpec(spec: RunSpec): string {
  const plan = planOfSpec(spec);
  return workOf(spec.method, spec.data, plan?.changed ?? spec.settings, plan?.specs ?? {});
}

/**
 * Milliseconds of a step: as seen here of the very work (on one's own set, or on the built-in set of its shape), or of the
 * defaults, or as typical; larger batches, and more views of an image, in proportion. Null: unknown.
 */
export function msOf(spec: RunSpec, seen: Speeds): { readonly ms: number; readonly here: boolean } | null {
  const exact = newestSpeedOf(seen, workOfSpec(spec));
  if (exact) return { ms: exact.msPerStep, here: true };
  const twin = isOwn(spec.data) ? twinOf(spec.data) : undefined;
  if (twin !== undefined) return msOf({ ...spec, data: twin }, seen);
  const ofDefaults = `${spec.method}/${spec.data}`;
  const near = newestSpeedOf(seen, ofDefaults);
  const ms = near?.msPerStep ?? typical[ofDefaults];
  const specs = planOfSpec(spec)?.specs;
  const ratioOf = (key: string) => (specs?.[key] ? Number(spec.settings[key]) / Number(specs[key].default) : 1);
  return ms === undefined ? null : { ms: ms * ratioOf('batchSize') * ratioOf('views'), here: !!near };
}

type Estimate = { readonly seconds: number; readonly here: boolean } | null;

/** What each run takes, its scores included, in seconds; `here` where this device has been seen at it. Null: unknown. */
export const estimatesOf = (specs: readonly RunSpec[], budget: Budget, seen: Speeds): Estimate[] =>
  specs.map((spec) => {
    if (budget.kind === 'seconds') return { seconds: budget.amount + asideOf(spec), here: true };
    const speed = msOf(spec, seen);
    return speed && { seconds: (Number(spec.settings.steps) * speed.ms) / 1000 + asideOf(spec), here: speed.here };
  });

/** What runs take in all, one after another. */
export const secondsOf = (specs: readonly RunSpec[], budget: Budget, seen: Speeds): Estimate => sumOf(estimatesOf(specs, budget, seen));

function sumOf(each: readonly Estimate[]): Estimate {
  const known = each.filter((one) => one !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, { seconds }) => sum + seconds, 0) / known.length;
  return { seconds: each.length * mean, here: known.length === each.length && known.every(({ here }) => here) };
}

/** How far runs under way are. */
export type Pace = { readonly cell: number; readonly step: number; readonly stepsPerSecond: number };

/** Seconds until all runs are done, `lanes` at a time, by the estimate of each; null where no speed is known. */
export function remaining(
  { cells }: Pick<Experiment, 'cells'>,
  doing: readonly Pace[],
  estimates: readonly Estimate[],
  lanes: number,
): number | null {
  const open = cells.flatMap((cell, i) =>
    isOpen(cell) ? [{ cell, estimate: estimates[i]!, now: doing.find((pace) => pace.cell === i) }] : [],
  );
  const under = open.flatMap(({ cell, now }) =>
    now && now.stepsPerSecond > 0 ? [(Number(cell.spec.settings.steps) - now.step) / now.stepsPerSecond + asideOf(cell.spec) / 2] : [],
  );
  const rest = open.filter(({ now }) => !(now && now.stepsPerSecond > 0)).map(({ estimate }) => estimate);
  const later = rest.length === 0 ? { seconds: 0 } : sumOf(rest);
  return later && (under.reduce((sum, seconds) => sum + seconds, 0) + later.seconds) / Math.max(1, Math.min(lanes, open.length));
}
