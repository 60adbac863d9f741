import { expect, it } from 'vitest';
import { columnsOf } from '../../demos/components/panels/columns.ts';

it('puts panels into two columns of about the same height, in their order', () => {
  expect(columnsOf(['views', 'embedding', 'neighbours', 'confusion', 'spectrum'])).toEqual([
    ['views', 'embedding'],
    ['neighbours', 'confusion', 'spectrum'],
  ]);
  expect(columnsOf(['embedding', 'samples', 'latents', 'manifold', 'spectrum'])).toEqual([
    ['embedding', 'samples'],
    ['latents', 'manifold', 'spectrum'],
  ]);
  expect(columnsOf(['samples', 'interpolation', 'memorization'])).toEqual([['samples', 'interpolation'], ['memorization']]);
});

it('makes one column where there is one panel, and none where there is none', () => {
  expect(columnsOf(['density'])).toEqual([['density']]);
  expect(columnsOf(['views', 'spectrum'])).toEqual([['views'], ['spectrum']]);
  expect(columnsOf([])).toEqual([]);
});
