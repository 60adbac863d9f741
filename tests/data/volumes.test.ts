import { describe, expect, it } from 'vitest';
import { drawVolumes, volumeSide, volumeSlices } from '../../src/data/volumes.ts';
import { numbers } from '../../src/ops/numbers.ts';

const { volumes, size, pixels, labels } = drawVolumes(6, numbers(1));
const slice = volumeSide ** 2;
const areaOf = (volume: number, at: number, label: number) =>
  labels.subarray((volume * volumeSlices + at) * slice, (volume * volumeSlices + at + 1) * slice).filter((l) => l === label).length;

describe('volumes', () => {
  it('are the same again, each whatever others there are', () => {
    const fewer = drawVolumes(2, numbers(1));
    expect([volumes, size, pixels.length, labels.length]).toEqual([6, 6 * volumeSlices, 6 * volumeSlices * slice, pixels.length]);
    expect(Buffer.compare(fewer.pixels, pixels.subarray(0, fewer.pixels.length))).toBe(0);
    expect(Buffer.compare(drawVolumes(2, numbers(2)).pixels, fewer.pixels)).not.toBe(0);
  });

  it('show the same anatomy at the same height: every organ is there above the middle, none at the bottom', () => {
    for (let volume = 0; volume < 6; volume++) {
      for (const organ of [1, 2, 3]) expect(areaOf(volume, 11, organ)).toBeGreaterThan(8);
      for (const organ of [1, 2, 3]) expect(areaOf(volume, 0, organ)).toBe(0);
    }
  });

  it('vary smoothly from slice to slice up to where the heart is cut off', () => {
    for (let volume = 0; volume < 6; volume++)
      for (let at = 1; at < 13; at++) expect(Math.abs(areaOf(volume, at, 2) - areaOf(volume, at - 1, 2))).toBeLessThan(80);
  });

  it('cannot be told by brightness alone', () => {
    // The background holds pixels as bright as the mean of each organ.
    const mean = (organ: number) => {
      let [sum, n] = [0, 0];
      labels.forEach((label, i) => {
        if (label === organ) [sum, n] = [sum + pixels[i]!, n + 1];
      });
      return sum / n;
    };
    for (const organ of [1, 2, 3]) {
      const level = mean(organ);
      expect(labels.reduce((n, label, i) => n + Number(label === 0 && Math.abs(pixels[i]! - level) < 10), 0)).toBeGreaterThan(500);
    }
  });

  it('are lit unevenly, each from a side of its own', () => {
    // Over a disc of 0.65 half-sides the halves' middles lie 0.55 apart: slopes evenly in ±0.4 spread the logarithm of their ratio by 0.13,
    // on top of what anatomy does (0.12).
    const many = drawVolumes(24, numbers(1));
    const ratios = Array.from({ length: 24 }, (_, volume) => {
      const halves = [0, 0];
      for (let i = volume * volumeSlices * slice; i < (volume + 1) * volumeSlices * slice; i++) {
        const [x, y] = [(i % volumeSide) + 0.5 - volumeSide / 2, (Math.floor(i / volumeSide) % volumeSide) + 0.5 - volumeSide / 2];
        if (Math.hypot(x, y) < 10.4) halves[Number(x > 0)]! += many.pixels[i]!;
      }
      return Math.log(halves[0]! / halves[1]!);
    });
    const mean = ratios.reduce((a, v) => a + v, 0) / 24;
    expect(Math.sqrt(ratios.reduce((a, v) => a + (v - mean) ** 2, 0) / 24)).toBeGreaterThan(0.15);
  });
});
