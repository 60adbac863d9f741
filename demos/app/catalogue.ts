import packed from 'virtual:catalogue';
import { isOwn } from '../../src/data/dataset.ts';
import type { DatasetInfo } from '../../src/data/datasets.ts';
import { type Spec, spec } from '../../src/hparams.ts';
import type { Method } from '../../src/methods/method.ts';
import type { SettingsGroup } from '../../src/train/settings.ts';

/** What is known of a method without running it. */
export type MethodInfo = Pick<Method, 'id' | 'name' | 'family' | 'paper' | 'summary' | 'equation' | 'data' | 'units'> & {
  /** The functions it has beyond those that training needs. */
  readonly capabilities: readonly string[];
  /** For each data set that it accepts, in their order: its settings, with the defaults tuned to that data. */
  readonly settings: Readonly<Record<string, readonly SettingsGroup[]>>;
};

/** What the lab knows. Data only: the methods' code, and tfjs with it, stays in the training worker. */
export type Catalogue = {
  readonly methods: Readonly<Record<string, MethodInfo>>;
  readonly datasets: Readonly<Record<string, DatasetInfo>>;
};

const mapped = <A, B>(all: Readonly<Record<string, A>>, f: (each: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(all).map(([key, each]) => [key, f(each)]));

/** Drawn from the methods' own objects at build time, as JSON: what a setting allows is read off its control again. */
export const catalogue: Catalogue = {
  ...packed,
  methods: mapped(packed.methods, (method) => ({
    ...method,
    settings: mapped(method.settings, (groups) => groups.map((group) => ({ ...group, specs: mapped(group.specs, spec<Spec['default']>) }))),
  })),
};

/**
 * Lets the catalogue know the reader's own sets, and those before them no more: every method that trains on images accepts them,
 * with the settings of the built-in set of their shape.
 */
export function declareOwn(own: readonly DatasetInfo[]): void {
  const all: { [id: string]: DatasetInfo } = catalogue.datasets;
  const replace = <T>(record: { [id: string]: T }, make: (info: DatasetInfo) => T | undefined) => {
    for (const id of Object.keys(record)) if (isOwn(id)) delete record[id];
    for (const info of own) {
      const value = make(info);
      if (value !== undefined) record[info.id] = value;
    }
  };
  replace(all, (info) => info);
  for (const { settings } of Object.values(catalogue.methods))
    replace(settings as { [id: string]: readonly SettingsGroup[] }, ({ shape }) => {
      const twin = Object.values(all).find((other) => !isOwn(other.id) && other.shape.join() === shape.join());
      return twin && settings[twin.id];
    });
}

/** The ids of the data that a method accepts; the first is its own choice. */
export const acceptedData = (method: MethodInfo): string[] => Object.keys(method.settings);

/** Families in the order of the gallery, with the idea that they share. */
export const families: Readonly<Record<Method['family'], { readonly title: string; readonly idea: string }>> = {
  contrastive: { title: 'Contrastive', idea: 'Views of one image attract, different images repel.' },
  'self-distillation': { title: 'Self-distillation', idea: 'A network learns to predict a slowly moving copy of itself.' },
  clustering: { title: 'Clustering', idea: 'The network’s own clusters serve as labels.' },
  variational: { title: 'Variational', idea: 'A code must explain the image and stay close to a simple prior.' },
  flow: { title: 'Flows', idea: 'An invertible map turns data into noise, with exact likelihood.' },
};
