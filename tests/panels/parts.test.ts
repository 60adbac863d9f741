import { expect, it } from 'vitest';
import { classColors } from '../../demos/components/panels/colors.ts';
import { colouredGrid, roundGrid, sharesOf } from '../../demos/components/panels/parts.ts';

// Two scenes of two pixels, taken apart by three slots; attention on one place for both pixels.
const masks = Uint8Array.from([255, 0, 0, 51, 0, 204, 0, 255, 255, 0, 0, 0]);
const round = {
  whole: { n: 2, shape: [1, 2, 1] as const, pixels: Uint8Array.from([10, 20, 30, 40]) },
  images: { n: 6, shape: [1, 2, 1] as const, pixels: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) },
  masks,
  attention: { side: [1, 1] as const, shares: Uint8Array.from([60, 70, 80, 90, 100, 110]) },
  found: Uint8Array.from([0, 2, 1, 0]),
  ari: Float32Array.from([1, 0.5]),
};

it('colours objects by number, and leaves the background of the truth dark', () => {
  const first = classColors.light[0].slice(1);
  const rgb = [0, 2, 4].map((at) => Number.parseInt(first.slice(at, at + 2), 16));
  expect([...colouredGrid(Uint8Array.from([0, 1]), [1, 2], 'light', true).pixels]).toEqual([40, 40, 46, ...rgb]);
  expect([...colouredGrid(Uint8Array.from([0, 0]), [1, 2], 'light', false).pixels]).toEqual([...rgb, ...rgb]);
});

it('lays out a round as the whole and then each slot, in the way chosen', () => {
  const row = (scene: number, view: 'painted' | 'mask' | 'attention') => [...roundGrid(round, scene, 3, view).pixels];
  expect(row(0, 'mask')).toEqual([10, 20, 255, 0, 0, 51, 0, 204]);
  expect(row(1, 'attention')).toEqual([30, 40, 90, 90, 100, 100, 110, 110]);
  // A fifth of 4 and four fifths of the grey behind it.
  expect(row(0, 'painted')).toEqual([10, 20, 1, 128, 128, 103, 128, 26 + 4]);
});

it('says what share of the pixels each slot has', () => {
  const shares = sharesOf(round, 0, 3, 2);
  [0.5, 0.1, 0.4].forEach((share, k) => {
    expect(shares[k]).toBeCloseTo(share, 6);
  });
});
