import { type ImageDataset, isOwn } from '../data/dataset.ts';
import { type DatasetInfo, datasets } from '../data/datasets.ts';
import { methods } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import { unknown } from '../nearest.ts';
import { acceptedData, parseSettings, takesImages } from '../train/settings.ts';
import type { RunSpec } from './protocol.ts';

/** The method of a run, and its own data where it names some. Throws one sentence for what is unknown or does not fit. */
export async function lookUp(
  { method: id, data, settings }: RunSpec,
  openOwn: (id: string) => Promise<ImageDataset>,
): Promise<readonly [Method, ImageDataset?]> {
  const registry: Readonly<Record<string, Method>> = methods;
  const infos: Readonly<Record<string, DatasetInfo>> = datasets;
  const method = Object.hasOwn(registry, id) ? registry[id]! : null;
  if (!method) throw new Error(unknown('method', id, Object.keys(registry)));
  if (isOwn(data)) {
    const own = await openOwn(data);
    if (takesImages(method, own.shape)) {
      parseSettings(method, own, settings);
      return [method, own];
    }
  }
  if (!isOwn(data) && !Object.hasOwn(infos, data)) throw new Error(unknown('data set', data, Object.keys(infos)));
  const accepted = acceptedData(method);
  if (!accepted.includes(data)) throw new Error(`${method.name} does not train on ${data}; it accepts ${accepted.join(', ')}`);
  parseSettings(method, infos[data]!, settings);
  return [method];
}
