import type { Value } from '../../src/hparams.ts';
import type { RunSpec } from '../../src/worker/protocol.ts';
import type { Curve } from './series.ts';
import { store } from './store.ts';

/** A run whose curve lies on the chart beside the current one, as long as the visit lasts. All runs are in the library anyway. */
export type Overlay = {
  readonly id: string;
  readonly spec: RunSpec;
  readonly methodName: string;
  /** Settings that differ from their defaults. */
  readonly changed: Readonly<Record<string, Value>>;
  readonly curve: Curve;
  /** The reader's own name for it. */
  readonly name: string | null;
  readonly shown: boolean;
  /** Put there by itself (at a reset), not on demand: the oldest of these make room. */
  readonly automatic: boolean;
  /** Its place in the palette: its for as long as it is there. */
  readonly color: number;
};

const automaticLimit = 6;
let count = 0;

export const overlays = store<readonly Overlay[]>([]);

/** Puts a run on the chart, or the run's newer curve in the place of its older one. */
export function lay(run: Omit<Overlay, 'name' | 'shown' | 'color'>): void {
  const old = overlays.get().find(({ id }) => id === run.id);
  const all = old
    ? overlays.get().map((each) => (each === old ? { ...old, ...run, automatic: old.automatic && run.automatic } : each))
    : [...overlays.get(), { ...run, name: null, shown: true, color: count++ }];
  const surplus = all.filter(({ automatic }) => automatic).slice(0, -automaticLimit);
  overlays.set(all.filter((each) => !surplus.includes(each)));
}

export const takeOff = (id: string): void => overlays.set(overlays.get().filter((run) => run.id !== id));

export const editOverlay = (id: string, change: Partial<Pick<Overlay, 'name' | 'shown'>>): void =>
  overlays.set(overlays.get().map((run) => (run.id === id ? { ...run, ...change } : run)));

export type Labelled = { readonly spec: RunSpec; readonly methodName: string; readonly changed: Readonly<Record<string, Value>> };

/**
 * One label a run that says only what differs among them: method, data, seed and backend where they are not all the
 * same; a setting that all of them have where its values differ; a setting that only some have where it was changed.
 */
export function differences(runs: readonly Labelled[]): string[] {
  const differ = (values: readonly Value[]) => new Set(values).size > 1;
  const whole = (['data', 'seed', 'backend'] as const).filter((key) => differ(runs.map(({ spec }) => spec[key])));
  const keys = [...new Set(runs.flatMap(({ spec }) => Object.keys(spec.settings)))];
  return runs.map(({ spec, methodName, changed }) => {
    const parts: string[] = differ(runs.map((run) => run.spec.method)) ? [methodName] : [];
    for (const key of whole) parts.push(key === 'data' ? spec.data : `${key} ${spec[key]}`);
    for (const key of keys) {
      if (!Object.hasOwn(spec.settings, key)) continue;
      const shared = runs.every((run) => Object.hasOwn(run.spec.settings, key));
      if (shared ? differ(runs.map((run) => run.spec.settings[key]!)) : Object.hasOwn(changed, key))
        parts.push(`${key} ${spec.settings[key]}`);
    }
    return parts.join(' · ');
  });
}
