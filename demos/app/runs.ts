import { isOwn } from '../../src/data/dataset.ts';
import type { Value } from '../../src/hparams.ts';
import type { RunSpec } from '../../src/train/record.ts';
import { cards, catalogue, settingsOn } from './catalogue.ts';
import type { Entry } from './library/library.ts';
import { headlineOf } from './scores.ts';
import { type Plan, planOf } from './search.ts';

/** What a run in the list is doing: a record that says `running` while no tab has the run open was cut off. */
export type State = 'training' | 'open' | 'interrupted' | 'paused' | 'done' | 'failed';
export const stateNames: Readonly<Record<State, string>> = {
  training: 'Training',
  open: 'Open in a tab',
  interrupted: 'Interrupted',
  paused: 'Paused',
  done: 'Done',
  failed: 'Failed',
};

export function stateOf({ id, status }: Pick<Entry, 'id' | 'status'>, open: ReadonlySet<string>): State {
  if (status === 'running') return open.has(id) ? 'training' : 'interrupted';
  return status === 'paused' && open.has(id) ? 'open' : status;
}

const { methods, datasets } = catalogue;
export const methodName = (id: string): string => (Object.hasOwn(cards, id) ? cards[id]!.name : id);
export const dataName = (id: string): string =>
  Object.hasOwn(datasets, id) ? datasets[id]!.name : isOwn(id) ? 'own images (not on this device)' : id;

/** A run's plan, from its spec; null when this version of the lab does not know its method (or has not loaded it) or data. */
export function planOfSpec(spec: RunSpec): Plan | null {
  const method = Object.hasOwn(methods, spec.method) ? methods[spec.method]! : null;
  return method && settingsOn(method, spec.data) ? planOf(method, datasets, spec) : null;
}

/** The settings of a run that differ from today's defaults; all of them where the method is not known here. */
export const changedOf = ({ spec }: Pick<Entry, 'spec'>): Readonly<Record<string, Value>> => planOfSpec(spec)?.changed ?? spec.settings;

/** What a run is called: the reader's own name, or method and data. */
export const titleOf = ({ name, spec }: Pick<Entry, 'name' | 'spec'>): string =>
  name ?? `${methodName(spec.method)} on ${dataName(spec.data)}`;

/** The one score that says most of a run, of the last scores that it has; null before the first. */
export const headline = ({ scores }: Pick<Entry, 'scores'>) => headlineOf(scores.at(-1)?.scores);

export type Filter = {
  readonly text: string;
  readonly method: string;
  readonly data: string;
  readonly state: State | '';
  readonly starred: boolean;
};
export const everything: Filter = { text: '', method: '', data: '', state: '', starred: false };

/** Whether a run passes: each word of the text must occur in its name, note, method, data, seed or changed settings. */
export function passes(run: Entry, { text, method, data, state, starred }: Filter, open: ReadonlySet<string>): boolean {
  if ((method && run.spec.method !== method) || (data && run.spec.data !== data) || (starred && !run.starred)) return false;
  if (state && stateOf(run, open) !== state) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const settings = Object.entries(changedOf(run)).map(([key, value]) => `${key} ${value}`);
  const all = [titleOf(run), run.note, methodName(run.spec.method), dataName(run.spec.data), `seed ${run.spec.seed}`, ...settings]
    .join(' ')
    .toLowerCase();
  return words.every((word) => all.includes(word));
}

/** "4.2 MB" */
export const megabytes = (bytes: number): string =>
  bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
