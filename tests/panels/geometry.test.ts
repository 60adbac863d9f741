import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { between, gridReach } from '../../demos/components/panels/frames.ts';
import {
  cellAt,
  fit,
  gridLayout,
  moveInGrid,
  nearest,
  neighbour,
  place,
  shares,
  snap,
  ticks,
} from '../../demos/components/panels/geometry.ts';
import { manifoldCell, manifoldFrame, manifoldLatent } from '../../demos/components/panels/latent-plane.ts';
import { copyImage } from '../../demos/components/panels/pixels.ts';
import { clustersInWords, gapInWords, latentsInWords, nllInWords, spreadInWords } from '../../demos/components/panels/words.ts';
import { expectClose } from '../close.ts';

describe('image grids', () => {
  test('images cover whole device pixels', () => {
    expect(snap(64, 28, 1)).toBe(56);
    expect(snap(42, 28, 2)).toBe(42);
    expect(snap(20, 28, 1)).toBe(20);
  });
  test('twenty images in room for sixteen stand in two even rows', () => {
    const layout = gridLayout(960, 20, [28, 28], { target: 56, gap: 4 });
    expect([layout.columns, layout.rows]).toEqual([10, 2]);
  });
  test('never wider than the room, every image in it, and each centre is found again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 120, max: 2000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom(28, 32),
        fc.constantFrom(1, 1.5, 2, 3),
        fc.integer({ min: 1, max: 3 }),
        (room, count, side, ratio, stack) => {
          const layout = gridLayout(room, count, [side, side], { ratio, stack });
          expect(layout.totalWidth).toBeLessThanOrEqual(room + 1e-6);
          expect(layout.columns * layout.rows).toBeGreaterThanOrEqual(count);
          expect(layout.columns * (layout.rows - 1)).toBeLessThan(count);
          const i = count - 1;
          const x = (i % layout.columns) * layout.pitchX + layout.width / 2;
          const y = Math.floor(i / layout.columns) * layout.pitchY + layout.height / 2;
          expect(cellAt(layout, count, x, y)).toBe(i);
        },
      ),
    );
  });
  test('no images need no height', () => {
    expect(gridLayout(300, 0, [28, 28])).toMatchObject({ columns: 1, rows: 0, totalHeight: 0 });
  });
  test('gaps and the empty end belong to no image', () => {
    const layout = gridLayout(300, 5, [28, 28], { columns: 3, target: 28, gap: 4 });
    expect(cellAt(layout, 5, layout.width + 2, 5)).toBeNull();
    expect(cellAt(layout, 5, 2 * layout.pitchX + 1, layout.pitchY + 1)).toBeNull();
    expect(cellAt(layout, 5, -1, 5)).toBeNull();
  });
  test('arrow keys stay in the grid', () => {
    expect(moveInGrid(0, 'ArrowLeft', 3, 5)).toBe(0);
    expect(moveInGrid(1, 'ArrowDown', 3, 5)).toBe(4);
    expect(moveInGrid(2, 'ArrowDown', 3, 5)).toBe(2);
    expect(moveInGrid(2, 'Enter', 3, 5)).toBeNull();
  });
});

describe('scatter plots', () => {
  const points = Float32Array.from([0, 0, 10, 0, 0, 5]);
  test('points keep their shape, fill the frame and grow upwards', () => {
    const placed = place(points, fit(points, 120, 80, 10));
    expectClose(placed, [10, 65, 110, 65, 10, 15], { atol: 1e-4 });
  });
  test('points that coincide, or are not numbers, give finite places', () => {
    for (const bad of [
      [3, 3, 3, 3],
      [Number.NaN, 1, 2, 2],
      [Number.NaN, Number.NaN],
    ]) {
      const { scale, x0, y0 } = fit(Float32Array.from(bad), 100, 100, 10);
      expect([scale, x0, y0].every(Number.isFinite)).toBe(true);
    }
  });
  test('the nearest point agrees with a full search and respects reach and visibility', () => {
    expect(nearest(points, 9, 1)).toBe(1);
    expect(nearest(points, 9, 1, 1)).toBeNull();
    expect(nearest(points, 9, 1, 99, (i) => i !== 1)).toBe(0);
    expect(nearest(new Float32Array(), 0, 0)).toBeNull();
    fc.assert(
      fc.property(
        fc.float32Array({ minLength: 2, maxLength: 40, noNaN: true, min: -100, max: 100 }),
        fc.integer({ min: -100, max: 100 }),
        fc.integer({ min: -100, max: 100 }),
        (all, x, y) => {
          const distance = (i: number) => Math.hypot(all[2 * i]! - x, all[2 * i + 1]! - y);
          const found = nearest(all, x, y)!;
          for (let i = 0; i + 1 < all.length / 2; i++) expect(distance(found)).toBeLessThanOrEqual(distance(i) + 1e-4);
        },
      ),
    );
  });
  test('arrow keys go to the nearest point on that side', () => {
    const screen = Float32Array.from([0, 0, 5, 1, 3, 9, -4, 0, 0, -7]);
    expect(neighbour(screen, 0, 'ArrowRight')).toBe(1);
    expect(neighbour(screen, 0, 'ArrowLeft')).toBe(3);
    expect(neighbour(screen, 0, 'ArrowDown')).toBe(2);
    expect(neighbour(screen, 0, 'ArrowUp')).toBe(4);
    expect(neighbour(screen, 3, 'ArrowLeft')).toBe(3);
    expect(neighbour(screen, 0, 'Tab')).toBeNull();
  });
});

test('ticks are round and inside', () => {
  expect(ticks(-4, 4, 4)).toEqual([-4, -2, 0, 2, 4]);
  expectClose(ticks(0, 0.34, 4), [0, 0.1, 0.2, 0.3], { atol: 1e-12 });
  expect(ticks(1, 1)).toEqual([]);
  expect(ticks(0, Number.NaN)).toEqual([]);
});

test('the latent plane: the picture, its latents and its dots agree', () => {
  const [side, span, width] = [5, 3, 500];
  const { scale, x0, y0 } = manifoldFrame(side, span, width);
  for (let i = 0; i < side * side; i++) {
    const [z1, z2] = manifoldLatent(side, span, i);
    expect(manifoldCell(side, width, x0 + scale * z1, y0 - scale * z2)).toBe(i);
  }
  expect(manifoldLatent(side, span, 0)).toEqual([-3, -3]);
  // The first latent lies at the centre of the first image, not at the corner of the picture.
  expectClose([x0 - scale * 3, y0 + scale * 3], [50, 450]);
  expect(manifoldCell(side, width, 1, 499)).toBe(0);
  expect(manifoldCell(side, width, -20, 900)).toBe(0);
});

test('frames are met exactly and blended between', () => {
  const frames = [Float32Array.from([0, 0]), Float32Array.from([2, 4])];
  expectClose(between(frames, 0.25), [0.5, 1]);
  expectClose(between(frames, 1), [2, 4]);
  expectClose(between(frames, 9), [2, 4]);
  expect(gridReach(frames, 3)).toBeGreaterThanOrEqual(3);
  expect(gridReach([Float32Array.from([Number.NaN, 1e30])], 3)).toBeLessThanOrEqual(9);
});

test('grey spreads to three channels, colour keeps its own, others stay untouched', () => {
  const out = new Uint8ClampedArray(2 * 2 * 4);
  copyImage({ n: 2, shape: [1, 1, 1], pixels: Uint8Array.from([7, 9]) }, 1, out, 2, 1, 1);
  expect(Array.from(out.slice(12))).toEqual([9, 9, 9, 255]);
  copyImage({ n: 1, shape: [1, 1, 3], pixels: Uint8Array.from([1, 2, 3]) }, 0, out, 2, 0, 0);
  expect(Array.from(out.slice(0, 8))).toEqual([1, 2, 3, 255, 0, 0, 0, 0]);
});

describe('words', () => {
  test('collapse is named', () => {
    expect(spreadInWords(0.03)).toMatch(/^Collapsed/);
    expect(spreadInWords(0.9)).not.toMatch(/Collapsed/);
    expect(spreadInWords(Number.NaN)).toBe('');
  });
  test('latent dimensions that say nothing are counted', () => {
    expect(latentsInWords([1, 2])).toMatchObject({ active: 2, total: 2 });
    expect(latentsInWords([1, 0.001, 0]).text).toMatch(/2 dimensions have/);
    expect(latentsInWords([1, 0]).text).toMatch(/one dimension has/);
    expect(latentsInWords([0, 0]).text).toMatch(/^Posterior collapse: no dimension/);
  });
  test('a likelihood is read against its floor', () => {
    expect(nllInWords(1.05, 1)).toContain('0.050 nats are left');
    expect(nllInWords(0.99, 1)).toContain('below it');
    expect(nllInWords(Number.NaN, 1)).toBe('No likelihood yet.');
  });
  test('one huge cluster is degenerate, empty ones are counted', () => {
    const cluster = (size: number) => ({ size, purity: 0.5 });
    expect(clustersInWords([90, 5, 5].map(cluster), 3)).toContain('Degenerate');
    expect(clustersInWords([50, 50, 0].map(cluster), 3)).toContain('1 cluster is empty');
    expect(clustersInWords([30, 30, 40].map(cluster), 3)).toBe('Mean purity of all: 50 %.');
  });
});

test('a histogram: shares of equal parts, what lies beyond in the outermost', () => {
  expectClose(shares(Float32Array.of(-9, -0.9, -0.1, 0, 0.4, 0.6, 1, 7), 1, 4), [0.25, 0.125, 0.25, 0.375], { rtol: 1e-6 });
});

test('draws where hardly any data lie, in words', () => {
  const text = gapInWords([
    { name: 'A', gap: 0.123 },
    { name: 'B', gap: 0.2 },
  ]);
  expect(text).toBe('Draws where hardly any data lie (larger dots): A 12.3 %, B 20.0 %; the data themselves 1.0 %.');
});
