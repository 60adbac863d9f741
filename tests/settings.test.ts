import { describe, expect, test } from 'vitest';
import type { ImageShape } from '../src/data/dataset.ts';
import { datasets } from '../src/data/datasets.ts';
import { viewSpecs } from '../src/data/views.ts';
import { parse, real } from '../src/hparams.ts';
import { methods } from '../src/methods/index.ts';
import type { Method } from '../src/methods/method.ts';
import { acceptedData, flatten, parseSettings, settingsOf, trainingSpecs } from '../src/train/settings.ts';

const registry: Readonly<Record<string, Method>> = methods;
const pairs = Object.values(registry).flatMap((method) =>
  acceptedData(method).map((id) => [method.id, id as keyof typeof datasets] as const),
);

test('methods of images take the sets of images, methods of images and points take both, methods of anything all that have rows', () => {
  expect(acceptedData(methods.simclr as Method)).toEqual(['mnist', 'cifar10']);
  expect(acceptedData(methods.realnvp as Method)).toEqual(
    Object.keys(datasets).filter((id) => !['simulated', 'mnist-points', 'shapes', 'organs', 'digit-scenes'].includes(id)),
  );
  expect(acceptedData(methods.survae as Method)).toHaveLength(Object.keys(datasets).length - 4);
  expect(acceptedData(methods['slot-attention'] as Method)).toEqual(['shapes']);
  expect(acceptedData(methods.gnm as Method)).toEqual(['digit-scenes']);
  expect(acceptedData(methods.vae as Method)).toEqual(['mnist', 'cifar10', 'digit-scenes']);
  expect(acceptedData(methods['local-contrastive'] as Method)).toEqual(['organs']);
});

describe.each(pairs)('%s on %s', (method, data) => {
  const groups = settingsOf(registry[method]!, datasets[data]);
  test('has settings whose names do not collide and whose tuned defaults are valid and documented', () => {
    const specs = flatten(groups);
    expect(parseSettings(registry[method]!, datasets[data], {})).toEqual(parse(specs, {}));
    for (const [key, { default: value, check, doc }] of Object.entries(specs)) {
      expect(check(value), `${key}'s default`).toBeNull();
      expect(doc.length, `${key}'s doc`).toBeGreaterThan(5);
    }
  });
  test('tunes settings that exist', () => {
    const known = Object.keys(flatten(groups));
    for (const key of Object.keys(registry[method]!.tuned?.(datasets[data].shape) ?? {})) expect(known).toContain(key);
  });
  test('shows views where it trains on views, and only there', () => {
    const { kind, shape } = datasets[data];
    const views = groups.find(({ group }) => group === 'views');
    const wanted = registry[method]!.data.startsWith('view') && kind === 'images';
    expect(Object.keys(views?.specs ?? {})).toEqual(wanted ? Object.keys(viewSpecs(shape as ImageShape)) : []);
  });
});

test('a tuned default takes the place of the shared one, and a given value that of both', () => {
  const tuned = settingsOf(methods.vae as Method, datasets.mnist);
  expect(flatten(tuned).steps!.default).toBe(2000);
  expect(flatten(tuned).steps!.default).not.toBe(trainingSpecs.steps.default);
  expect(parseSettings(methods.vae as Method, datasets.mnist, { steps: 7 }).steps).toBe(7);
});

test('two groups that claim one name are refused', () => {
  const specs = { steps: real(0, { min: 0, max: 1, doc: 'a name of the training group' }) };
  expect(() =>
    flatten([
      { group: 'method', specs },
      { group: 'training', specs: trainingSpecs },
    ]),
  ).toThrow(/"steps" has the name of another/);
});

test('unknown and invalid settings of a run are named together', () => {
  expect(() => parseSettings(methods.simclr as Method, datasets.mnist, { temprature: 1, batchSize: 1, flip: true })).toThrow(
    /temprature is not a hyperparameter.*\nbatchSize must lie from 2 to 1024, got 1\nflip is not a hyperparameter/,
  );
});
