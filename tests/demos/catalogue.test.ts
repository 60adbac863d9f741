import { describe, expect, it } from 'vitest';
import { cards, catalogue, loadMethod, loadMethods } from '../../demos/app/catalogue.ts';
import { datasets } from '../../src/data/datasets.ts';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { acceptedData, settingsOf } from '../../src/train/settings.ts';

/** As data: without functions. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the catalogue of the pages', () => {
  it('lists every method and data set, in their order', () => {
    expect(Object.keys(cards)).toEqual(Object.keys(methods));
    expect(catalogue.datasets).toEqual(datasets);
    expect(Object.keys(catalogue.datasets)).toEqual(Object.keys(datasets));
  });

  it('loads what a method needs by itself, all in their order, and one that does not exist not at all', async () => {
    expect(catalogue.methods).toEqual({});
    const [simclr, again, none] = await Promise.all(['simclr', 'simclr', 'toString'].map(loadMethod));
    expect([Object.keys(catalogue.methods), none]).toEqual([['simclr'], null]);
    expect(again).toBe(simclr);
    expect((await loadMethods()).map(({ id }) => id)).toEqual(Object.keys(methods));
    expect(catalogue.methods.simclr).toBe(simclr);
  });

  it.each(Object.values<Method>(methods))('says of $id what its own object says', async (method) => {
    const { capabilities, settings, accepts, ...about } = (await loadMethod(method.id))!;
    const { hparams: _, opensOn: __, ...own } = plain(method) as Record<string, unknown>;
    expect(about).toEqual(own);
    expect(capabilities.every((name) => typeof method[name as keyof Method] === 'function')).toBe(true);
    expect([Object.keys(settings), accepts]).toEqual([acceptedData(method), acceptedData(method)]);
    for (const [id, groups] of Object.entries(settings)) {
      const original = settingsOf(method, datasets[id as keyof typeof datasets]);
      expect(plain(groups)).toEqual(plain(original));
      for (const [i, { specs }] of original.entries())
        for (const [name, spec] of Object.entries(specs))
          for (const value of [spec.default, -1, 0.5, 1e9, Number.NaN, 'v1', true, null])
            expect(groups[i]!.specs[name]!.check(value), `${name} = ${value}`).toBe(spec.check(value));
    }
  });
});
