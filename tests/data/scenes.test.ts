import { describe, expect, test } from 'vitest';
import type { SceneSplit } from '../../src/data/dataset.ts';
import { datasets, loadDataset } from '../../src/data/datasets.ts';
import { background, covered, drawScene, drawScenes, sceneColours, sceneShapes, shapeScenes } from '../../src/data/scenes.ts';
import { numbers } from '../../src/ops/numbers.ts';

const info = { id: 'shapes', name: 'Shapes' };
const scenes = (size: number, side = 32, seed = 1): SceneSplit => drawScenes(size, side, numbers(seed));
const counts = (values: ArrayLike<number>): Record<number, number> => {
  const found: Record<number, number> = {};
  for (const v of Array.from(values)) found[v] = (found[v] ?? 0) + 1;
  return found;
};

describe('scenes', () => {
  test('are the same for a seed and others for another; a scene does not depend on how many are drawn', () => {
    const [few, more] = [scenes(5), scenes(9)];
    expect(scenes(5)).toEqual(few);
    expect(more.pixels.subarray(0, few.pixels.length)).toEqual(few.pixels);
    expect(more.objects.slice(0, 5)).toEqual(few.objects);
    expect(scenes(5, 32, 2).pixels).not.toEqual(few.pixels);
  });

  test('paint each pixel in the colour of the object that its mask names, the background in its own', () => {
    const { pixels, masks, objects } = scenes(20);
    for (let i = 0; i < masks.length; i++) {
      const k = masks[i]!;
      const object = objects[Math.floor(i / 1024)]![k - 1];
      const rgb = k === 0 ? background : sceneColours[object!.colour]!.rgb;
      expect([...pixels.subarray(3 * i, 3 * i + 3)]).toEqual([...rgb]);
    }
  });

  test('give each pixel to the nearest object that covers it', () => {
    const { masks, objects } = scenes(50);
    let hidden = 0;
    for (const [i, list] of objects.entries()) {
      const places = list.map((object) => new Set(covered(object, 32)));
      for (let p = 0; p < 1024; p++) {
        const covering = places.flatMap((set, k) => (set.has(p) ? [k + 1] : []));
        expect(masks[i * 1024 + p]).toBe(covering.at(-1) ?? 0);
        if (covering.length > 1) hidden++;
      }
    }
    // Otherwise nothing was tried.
    expect(hidden).toBeGreaterThan(100);
  });

  test('leave at least half of each object in sight, and all of it in the image', () => {
    const { masks, objects } = scenes(200);
    for (const [i, list] of objects.entries()) {
      const seen = counts(masks.subarray(i * 1024, (i + 1) * 1024));
      for (const [k, object] of list.entries()) {
        expect(seen[k + 1]).toBeGreaterThanOrEqual(0.5 * covered(object, 32).length);
        for (const at of [object.x, object.y]) {
          expect(at).toBeGreaterThanOrEqual(object.radius);
          expect(at).toBeLessThanOrEqual(32 - object.radius);
        }
      }
    }
  });

  test('have one to five objects equally often, of every shape and colour; labels count them', () => {
    const { labels, objects } = scenes(1000);
    expect([...labels]).toEqual(objects.map(({ length }) => length - 1));
    const each = counts(labels);
    expect(Object.keys(each)).toEqual(['0', '1', '2', '3', '4']);
    // Of 200 each, the standard deviation is 12.6.
    for (const n of Object.values(each)) expect(Math.abs(n - 200)).toBeLessThan(50);
    expect(new Set(objects.flat().map(({ shape }) => shape))).toEqual(new Set(sceneShapes));
    expect(new Set(objects.flat().map(({ colour }) => colour)).size).toBe(sceneColours.length);
  });

  test('cover areas as geometry says: πr² of a circle and of a square, 1.2 · 2² / 2 · r² of a triangle', () => {
    for (const [shape, area] of [
      ['circle', Math.PI],
      ['square', Math.PI],
      ['triangle', 2.4],
    ] as const) {
      const object = { shape, colour: 0, x: 100.3, y: 99.6, radius: 60 };
      const pixels = covered(object, 200);
      expect(pixels.length / 60 ** 2).toBeCloseTo(area, 1);
      const mean = (of: (p: number) => number) => pixels.reduce((sum, p) => sum + of(p) + 0.5, 0) / pixels.length;
      expect(mean((p) => p % 200)).toBeCloseTo(100.3, 0);
      // The triangle points upwards: its middle lies below that of its height, by 0.9 − 2/3 of a radius.
      expect(mean((p) => Math.floor(p / 200))).toBeCloseTo(99.6 + (shape === 'triangle' ? 60 * (0.9 - 2 / 3) : 0), 0);
    }
  });

  test('grow with the side, which must be one that fits', () => {
    const { mask, objects } = drawScene(64, numbers(3));
    expect(mask.length).toBe(4096);
    expect(Math.max(...mask)).toBe(objects.length);
    for (const { radius } of objects) expect(radius).toBeGreaterThanOrEqual(0.12 * 64);
    for (const side of [31, 65, 40.5]) expect(() => shapeScenes(info, { side })).toThrow(`side is ${side}`);
  });
});

describe('the data set of shapes', () => {
  test('is drawn without a file; its held-out scenes are others than those of training', async () => {
    const set = await loadDataset('shapes', () => Promise.reject(new Error('no file is needed')));
    if (set.kind !== 'scenes') throw new Error('not scenes');
    const { train, test: heldOut, shape } = set;
    expect([set.name, set.shape, train.size, heldOut.size]).toEqual([datasets.shapes.name, [32, 32, 3], 5000, 500]);
    expect(train.pixels.length).toBe(5000 * shape[0] * shape[1] * 3);
    expect(set.classes).toHaveLength(5);
    const rows = ({ pixels, size }: SceneSplit) => Array.from({ length: size }, (_, i) => pixels.subarray(i * 3072, (i + 1) * 3072).join());
    const known = new Set(rows(train));
    expect(rows(heldOut).filter((row) => known.has(row))).toEqual([]);
  });
});
