import { describe, expect, it } from 'vitest';
import { numbers } from '../../src/ops/numbers.ts';
import { aligned } from '../../src/ops/procrustes.ts';
import { expectClose } from '../close.ts';

const r = numbers(3);
const cloud = Float32Array.from({ length: 80 }, (_, at) => r.normal() * (at % 2 ? 1 : 3) + 5);
const moved = (points: Float32Array, angle: number, mirror: boolean, shift = 7) =>
  points.map((_, at) => {
    const [x, y] = [points[at - (at % 2)]!, points[at - (at % 2) + 1]! * (mirror ? -1 : 1)];
    return shift + (at % 2 ? Math.sin(angle) * x + Math.cos(angle) * y : Math.cos(angle) * x - Math.sin(angle) * y);
  });
const cost = (a: Float32Array, b: Float32Array) => a.reduce((sum, v, at) => sum + (v - b[at]!) ** 2, 0);

describe('aligning two pictures', () => {
  it.each([0, 0.4, 1.9, Math.PI, -2.5].flatMap((angle) => [false, true].map((mirror) => ({ angle, mirror }))))(
    'undoes a turn by $angle, mirrored: $mirror',
    ({ angle, mirror }) => expectClose(aligned(moved(cloud, angle, mirror), cloud), cloud, { atol: 1e-4 }),
  );

  it('finds the least squares of all turns and mirrorings, and never scales', () => {
    const noisy = moved(cloud, 1, true).map((v) => 2 * v + r.normal());
    const best = aligned(noisy, cloud);
    const size = (points: Float32Array) => {
      const middle = [0, 1].map((axis) => points.reduce((sum, v, at) => sum + (at % 2 === axis ? v : 0), 0) / 40);
      return points.reduce((sum, v, at) => sum + (v - middle[at % 2]!) ** 2, 0);
    };
    expectClose(size(best), size(noisy), { rtol: 1e-4 });
    // Any further turn or mirroring about the common middle costs more.
    const middle = [0, 1].map((axis) => cloud.reduce((sum, v, at) => sum + (at % 2 === axis ? v : 0), 0) / 40);
    const centred = (points: Float32Array) => points.map((v, at) => v - middle[at % 2]!);
    for (const mirror of [false, true])
      for (let angle = mirror ? 0 : 0.1; angle < 6.2; angle += 0.1)
        expect(cost(moved(centred(best), angle, mirror, 0), centred(cloud))).toBeGreaterThan(cost(best, cloud));
  });

  it('is fitted to the rows that both have, and turns the others along', () => {
    const all = moved(cloud, 2, true);
    expectClose(aligned(all, cloud.slice(0, 30)), cloud, { atol: 1e-4 });
    expect(aligned(cloud.slice(0, 30), all)).toHaveLength(30);
    expect(aligned(Float32Array.of(), cloud)).toHaveLength(0);
  });
});
