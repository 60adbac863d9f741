import type { DatasetInfo } from '../../src/data/datasets.ts';
import type { Method } from '../../src/methods/method.ts';
import type { SettingsGroup } from '../../src/train/settings.ts';

/**
 * What the lab knows. The methods' own code brings tfjs along, so it comes as a chunk of its own:
 * the shell is on screen before it has arrived.
 */
export type Catalogue = {
  readonly methods: Readonly<Record<string, Method>>;
  readonly datasets: Readonly<Record<string, DatasetInfo>>;
  readonly settingsOf: (method: Method, data: DatasetInfo) => readonly SettingsGroup[];
  readonly acceptedData: (method: Method) => readonly string[];
};

const open = async (): Promise<Catalogue> => {
  const [{ methods }, { datasets }, { settingsOf, acceptedData }] = await Promise.all([
    import('../../src/methods/index.ts'),
    import('../../src/data/datasets.ts'),
    import('../../src/train/settings.ts'),
  ]);
  return { methods, datasets, settingsOf, acceptedData };
};

let opened: Promise<Catalogue> | null = null;

/** The catalogue, loaded once; a failed download may be tried again. */
export const catalogue = (): Promise<Catalogue> => {
  opened ??= open().catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
};

/** Families in the order of the gallery, with the idea that they share. */
export const families: Readonly<Record<Method['family'], { readonly title: string; readonly idea: string }>> = {
  contrastive: { title: 'Contrastive', idea: 'Views of one image attract, different images repel.' },
  'self-distillation': { title: 'Self-distillation', idea: 'A network learns to predict a slowly moving copy of itself.' },
  clustering: { title: 'Clustering', idea: 'The network’s own clusters serve as labels.' },
  variational: { title: 'Variational', idea: 'A code must explain the image and stay close to a simple prior.' },
  flow: { title: 'Flows', idea: 'An invertible map turns data into noise, with exact likelihood.' },
};
