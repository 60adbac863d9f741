import { cards, datasets, details } from 'virtual:catalogue';
import { isOwn } from '../../src/data/dataset.ts';
import type { DatasetInfo } from '../../src/data/datasets.ts';
import { type Spec, spec } from '../../src/hparams.ts';
import type { Method, Paper } from '../../src/methods/method.ts';
import type { SettingsGroup } from '../../src/train/settings.ts';

/** What every page knows of every method. The first load grows by this with each method, so by no more than the gallery shows. */
export type MethodCard = Pick<Method, 'id' | 'name' | 'family' | 'summary'> & {
  readonly paper: Pick<Paper, 'authors' | 'year'>;
  /** The ids of the built-in data that it accepts; the first is its own choice. */
  readonly accepts: readonly string[];
};

/** What is loaded of a method where it is wanted: with its page, or by those who lay several side by side. */
export type Details = Pick<Method, 'paper' | 'equation' | 'data' | 'units'> & {
  /** The functions it has beyond those that training needs. */
  readonly capabilities: readonly string[];
  /** For each built-in data set that it accepts, in their order: its settings, with the defaults tuned to that data. */
  readonly settings: Readonly<Record<string, readonly SettingsGroup[]>>;
};

/** What is known of a method without running it. */
export type MethodInfo = MethodCard & Details;

/** What the lab knows. Data only: the methods' code, and tfjs with it, stays in the training worker. */
export type Catalogue = {
  readonly methods: Readonly<Record<string, MethodInfo>>;
  readonly datasets: Readonly<Record<string, DatasetInfo>>;
};

const methods: Record<string, MethodInfo> = {};

/** `methods` holds those that have been loaded; a page whose route loads all of them finds all. */
export const catalogue: Catalogue = { methods, datasets };
export { cards };

const mapped = <A, B>(all: Readonly<Record<string, A>>, f: (each: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(all).map(([key, each]) => [key, f(each)]));

/** Drawn from the method's own object at build time, as JSON: what a setting allows is read off its control again. */
async function load(id: string): Promise<MethodInfo> {
  const { default: packed } = await details[id]!();
  const checked = (group: SettingsGroup) => ({ ...group, specs: mapped(group.specs, spec<Spec['default']>) });
  methods[id] ??= { ...cards[id]!, ...packed, settings: mapped(packed.settings, (groups) => groups.map(checked)) };
  return methods[id];
}

/** All that is known of a method; null where there is none of this id. Rejects where it cannot be loaded. */
export const loadMethod = async (id: string): Promise<MethodInfo | null> => (Object.hasOwn(cards, id) ? load(id) : null);

/** All methods, in the order of the gallery. Rejects where one cannot be loaded. */
export const loadMethods = (): Promise<MethodInfo[]> => Promise.all(Object.keys(cards).map(load));

/** Lets the catalogue know the reader's own sets, and those before them no more. */
export function declareOwn(own: readonly DatasetInfo[]): void {
  const all: { [id: string]: DatasetInfo } = datasets;
  for (const id of Object.keys(all)) if (isOwn(id)) delete all[id];
  for (const info of own) all[info.id] = info;
}

/** The built-in set as which methods see a set: itself, or of an own set the one of its shape. */
export function twinOf(id: string): string | undefined {
  if (!isOwn(id)) return id;
  const shape = datasets[id]?.shape.join();
  return Object.values(datasets).find((other) => !isOwn(other.id) && other.shape.join() === shape)?.id;
}

/** The ids of the data that a method accepts; the first is its own choice. Of the reader's own sets, all that are images like its own. */
export const acceptedData = ({ accepts }: Pick<MethodCard, 'accepts'>): string[] => [
  ...accepts,
  ...Object.keys(datasets).filter((id) => isOwn(id) && accepts.includes(twinOf(id) ?? '')),
];

/** The settings of a method on a data set; of an own set, those of the built-in set of its shape. None where it does not accept it. */
export const settingsOn = ({ settings }: Pick<MethodInfo, 'settings'>, data: string): readonly SettingsGroup[] | undefined => {
  const twin = twinOf(data);
  return twin !== undefined && Object.hasOwn(settings, twin) ? settings[twin] : undefined;
};

/** Families in the order of the gallery, with the idea that they share. */
export const families: Readonly<Record<Method['family'], { readonly title: string; readonly idea: string }>> = {
  contrastive: { title: 'Contrastive', idea: 'Views of one image attract, different images repel.' },
  'self-distillation': { title: 'Self-distillation', idea: 'A network learns to predict a slowly moving copy of itself.' },
  relational: { title: 'Relational', idea: 'A network that judges pairs: the same image twice, or two images?' },
  clustering: { title: 'Clustering', idea: 'The network’s own clusters serve as labels.' },
  variational: { title: 'Variational', idea: 'A code must explain the image and stay close to a simple prior.' },
  objects: { title: 'Objects', idea: 'A scene is taken apart into the things that it shows.' },
  flow: { title: 'Flows', idea: 'An invertible map turns data into noise, with exact likelihood.' },
  'density-ratio': { title: 'Density ratios', idea: 'Telling two samples apart tells how much likelier one is.' },
  structure: { title: 'Structure', idea: 'Which variable acts on which is found by descent on a graph’s weights.' },
  inference: { title: 'Inference', idea: 'Exact sums and integrals where the structure allows them.' },
  discrete: { title: 'Binary networks', idea: 'Units that are only on or off have no derivative: gradients must be estimated.' },
};
