import type { ImageShape } from '../data/dataset.ts';
import { type DatasetInfo, datasets } from '../data/datasets.ts';
import { viewSpecs } from '../data/views.ts';
import { choice, int, parse, real, type Specs, type Value, type Values } from '../hparams.ts';
import type { BatchKind, Method } from '../methods/method.ts';

/** The settings that every run has, whatever its method. */
export const trainingSpecs = {
  steps: int(1000, { min: 1, max: 100_000, scale: 'log', doc: 'steps of the whole run; schedules stretch over them' }),
  batchSize: int(128, { min: 2, max: 1024, scale: 'log', doc: 'images, points or sets a step' }),
  learningRate: real(3e-3, { min: 1e-5, max: 0.1, scale: 'log', doc: 'of Adam, at the start' }),
  schedule: choice('cosine', ['cosine', 'constant'], { doc: 'cosine lets the learning rate fall to 0 over the run', when: 'live' }),
  weightDecay: real(1e-4, { min: 0, max: 0.1, doc: 'decoupled (AdamW), on weights but not on biases' }),
};
export type TrainingSettings = Values<typeof trainingSpecs>;

/** What settings depend on: a `Dataset` or what is known of one before it is loaded. */
export type DataKind = Pick<DatasetInfo, 'kind' | 'shape'>;

/** Settings of one run by where they act; the page shows them so, the URL and the command line share one namespace. */
export type SettingsGroup = { readonly group: 'method' | 'views' | 'training'; readonly specs: Specs };

/** The kinds of data that make each kind of batch. */
const kindsOf: { readonly [B in BatchKind]: readonly DataKind['kind'][] } = {
  views: ['images'],
  view: ['images'],
  images: ['images'],
  labelled: ['images'],
  points: ['points'],
  energy: ['points'],
  imagesOrPoints: ['images', 'points'],
  any: ['images', 'points', 'sets'],
  scenes: ['scenes'],
  slices: ['volumes'],
  pictures: ['images', 'scenes'],
  simulated: ['simulated'],
};

/** Whether a method trains on images of a shape, and so on a reader's own. */
export const takesImages = ({ data, fits }: Pick<Method, 'data' | 'fits'>, shape: ImageShape): boolean =>
  kindsOf[data].includes('images') && (fits?.(shape) ?? true);

/** The ids of the data that a method accepts, first the one that it opens on. */
export const acceptedData = (method: Method): string[] =>
  Object.values<DatasetInfo>(datasets)
    .filter(({ kind }) => kindsOf[method.data].includes(kind))
    .filter(({ shape }) => method.fits?.(shape) ?? true)
    .filter(({ energy }) => method.data !== 'energy' || energy)
    .filter(({ kind, rule }) => method.data !== 'pictures' || kind === 'images' || rule)
    .map(({ id }) => id)
    .sort((a, b) => Number(b === method.opensOn) - Number(a === method.opensOn));

/** All settings of a method on a data set, their defaults tuned to it. */
export function settingsOf(method: Method, data: DataKind): readonly SettingsGroup[] {
  const tuned: Readonly<Record<string, Value>> = method.tuned?.(data.shape) ?? {};
  const views = (method.data === 'views' || method.data === 'view') && data.kind === 'images' ? viewSpecs(data.shape as ImageShape) : {};
  const groups: SettingsGroup[] = [
    { group: 'method', specs: method.hparams },
    { group: 'views', specs: views },
    // What iterates has no optimizer: it reads none of the rest.
    { group: 'training', specs: method.iterate ? { steps: trainingSpecs.steps } : trainingSpecs },
  ];
  return groups
    .map(({ group, specs }) => ({
      group,
      specs: Object.fromEntries(Object.entries(specs).map(([key, spec]) => [key, key in tuned ? { ...spec, default: tuned[key]! } : spec])),
    }))
    .filter(({ specs }) => Object.keys(specs).length > 0);
}

/** One flat record of specs; throws if two groups claim the same name. */
export const flatten = (groups: readonly SettingsGroup[]): Specs => {
  const all: Record<string, Specs[string]> = {};
  for (const { group, specs } of groups)
    for (const [key, spec] of Object.entries(specs)) {
      if (key in all) throw new Error(`The ${group} setting "${key}" has the name of another setting; rename one of them`);
      all[key] = spec;
    }
  return all;
};

/** Checks and completes the settings of a run. Throws one error that names every unknown key and value out of range. */
export const parseSettings = (method: Method, data: DataKind, given: Readonly<Record<string, unknown>>): Values<Specs> & TrainingSettings =>
  parse(flatten(settingsOf(method, data)), given) as Values<Specs> & TrainingSettings;
