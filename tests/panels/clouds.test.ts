import { expect, test } from 'vitest';
import { cloudReach, quadrants } from '../../demos/components/panels/clouds.ts';

const cloud = (columns: number, ...values: number[]) => ({ columns, values: Float32Array.from(values) });

test('quadrants: by the signs of the first two numbers, or of the one there is', () => {
  expect([...quadrants(cloud(2, 1, 1, -1, 1, 1, -1, -1, -1))]).toEqual([0, 1, 2, 3]);
  expect([...quadrants(cloud(1, 3, -2))]).toEqual([0, 1]);
  expect([...quadrants(cloud(3, 1, -1, 9, -1, -1, 9))]).toEqual([2, 3]);
});

test('the reach holds nearly all of the drawn numbers, and not a lone outlier or a number that is not drawn', () => {
  const many = Array.from({ length: 200 }, (_, i) => Math.sin(i) * 3);
  expect(cloudReach(cloud(2, ...many))).toBe(3.5);
  expect(cloudReach(cloud(2, ...many, 1000, 0))).toBe(3.5);
  expect(cloudReach(cloud(3, 1, 1, 50, -1, 1, 50))).toBe(1.5);
  expect(cloudReach(cloud(2, 0, 0))).toBe(1);
});
