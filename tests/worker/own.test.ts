import { describe, expect, it } from 'vitest';
import type { ImageDataset, ImageSplit } from '../../src/data/dataset.ts';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { numbers } from '../../src/ops/numbers.ts';
import { takesImages } from '../../src/train/settings.ts';
import { Failed } from '../../src/worker/client.ts';
import type { Artifact, Ready } from '../../src/worker/protocol.ts';
import { curve, openHarness } from './server.ts';

function split(size: number, classes: number): ImageSplit {
  const rng = numbers(size);
  const labels = Uint8Array.from({ length: size }, () => rng.integer(classes));
  return { size, labels, pixels: Uint8Array.from({ length: size * 784 }, () => rng.integer(256)) };
}
const own = (id: string, classes: readonly string[]): ImageDataset => ({
  ...{ kind: 'images', id, name: 'Mine', shape: [28, 28, 1], classes },
  train: split(40, classes.length),
  test: split(20, classes.length),
});
const sets = [own('own-labelled', ['a', 'b', 'c']), own('own-bare', ['unlabelled'])];
const settings = { steps: 2, batchSize: 8 };

describe('a set of one’s own', () => {
  it('trains as any other, and is scored with its labels', async () => {
    const { client, events, start, until } = openHarness(sets);
    const ready = (await start({ method: 'simclr', data: 'own-labelled', settings })) as Ready;
    expect(ready).toMatchObject({ stepsPerEpoch: 5, scored: true });
    await client.ask({ type: 'train' });
    await until((event) => event.type === 'phase' && event.phase === 'done');
    expect(curve(events)).toHaveLength(2);
    const { scores } = await client.ask({ type: 'evaluate' });
    expect(Object.keys(scores)).toEqual(expect.arrayContaining(['linearProbe', 'knn', 'nmi', 'embeddingStd']));
  });

  it('without labels has every score but those that need them', async () => {
    const { client, start } = openHarness(sets);
    await start({ method: 'simclr', data: 'own-bare', settings });
    const { scores } = await client.ask({ type: 'evaluate' });
    expect(scores.embeddingStd).toBeGreaterThan(0);
    for (const key of ['linearProbe', 'knn', 'linearProbePixels', 'fewLabels1', 'nmi', 'ami', 'ari', 'clusterAccuracy'])
      expect(scores).not.toHaveProperty(key);
    const artifact = (await client.ask({ type: 'artifact', kind: 'embedding' })) as Extract<Artifact, { kind: 'embedding' }>;
    expect(artifact.labels.length).toBeGreaterThan(0);
    expect(new Set(artifact.labels)).toEqual(new Set([0]));
  });

  it('of five held-out images is enough for every method and every picture', async () => {
    const least = { ...own('own-least', ['a', 'b']), train: split(20, 2), test: split(5, 2) };
    const { client, start } = openHarness([least]);
    const small: Readonly<Record<string, object>> = {
      deepcluster: { clusters: 5, components: 4 },
      'tre-images': { bridges: 3, width: 4, stages: 6 },
    };
    for (const method of Object.values<Method>(methods)
      .filter((method) => takesImages(method, least.shape))
      .map(({ id }) => id)) {
      const few = small[method] ?? {};
      const { artifacts } = (await start({ method, data: 'own-least', settings: { ...settings, ...few } })) as Ready;
      await client.ask({ type: 'step' });
      for (const kind of artifacts) expect((await client.ask({ type: 'artifact', kind })).kind).toBe(kind);
      const { scores } = await client.ask({ type: 'evaluate' });
      expect(
        Object.values(scores).every((score) => !Number.isNaN(score)),
        JSON.stringify(scores),
      ).toBe(true);
    }
  });

  it('that is not here, or does not fit, is refused in words', async () => {
    const { start } = openHarness(sets);
    await expect(start({ method: 'simclr', data: 'own-gone', settings })).rejects.toThrow(Failed);
    await expect(start({ method: 'simclr', data: 'own-gone', settings })).rejects.toThrow(
      'There is no set of your own with the id own-gone',
    );
    await expect(start({ method: 'simclr', data: 'own-bare', settings: { ...settings, batchSize: 64 } })).rejects.toThrow(
      'Mine has only 40 training images: take a smaller batch',
    );
    await expect(start({ method: 'simclr', data: 'own-bare', settings: { ...settings, flip: true } })).rejects.toThrow('flip');
  });
});
