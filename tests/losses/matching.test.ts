import { beforeAll, describe, expect, test } from 'vitest';
import { cheapestMatching, placements, setDistance } from '../../src/losses/matching.ts';
import { numbers } from '../../src/ops/numbers.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(loadBackends);

const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);
type Rows = readonly (readonly number[])[];

/** The least total of costs [thing][place] by trying every place for each thing in turn, and the places it takes. */
function cheapest(costs: Rows, taken: readonly number[] = []): { total: number; places: readonly number[] } {
  if (taken.length === costs.length) return { total: 0, places: taken };
  let best = { total: Number.POSITIVE_INFINITY, places: taken };
  for (const [place, cost] of costs[taken.length]!.entries()) {
    if (taken.includes(place)) continue;
    const rest = cheapest(costs, [...taken, place]);
    if (cost + rest.total < best.total) best = { total: cost + rest.total, places: rest.places };
  }
  return best;
}

/** Random sets: [n][rows][numbers] in [0, 1]; true ones have `present` rows of presence 1 and nonsense below. */
const shares = (seed: number, n: number, rows: number, size: number) => {
  const stream = numbers(seed);
  return Array.from({ length: n }, () => Array.from({ length: rows }, () => Array.from({ length: size }, () => stream.uniform())));
};
const truths = (seed: number, n: number, rows: number, size: number) =>
  shares(seed, n, rows, size).map((set, i) => set.map((row, o) => [Number(o < 1 + (i % rows)), ...row.slice(1)]));

const half = (v: number) => 0.5 * v * v;
const weightsOf = (size: number) => [2, 5, 3, ...Array(size - 3).fill(1)] as number[];
/** The distance by its definition: real objects alone, every slot that has none pays for its presence, every object without one for all. */
function distance(predicted: Rows, truth: Rows): number {
  const real = truth.filter(([presence]) => presence === 1);
  const w = weightsOf(predicted[0]!.length);
  const costs = real.map((t) => [
    ...predicted.map((p) => p.reduce((sum, v, d) => sum + w[d]! * half(v - t[d]!), 0) - w[0]! * half(p[0]!)),
    ...real.map(() => w.reduce((sum, v) => sum + v / 2, 0)),
  ]);
  return cheapest(costs).total + predicted.reduce((sum, [presence]) => sum + w[0]! * half(presence!), 0);
}
const onSets = (predicted: tf.Tensor3D, truth: tf.Tensor3D) => setDistance(predicted, truth, weightsOf(truth.shape[2]));
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

test.each([
  [2, 3, 6],
  [5, 6, 720],
  [4, 4, 24],
])('%i things have places of their own among %i in %i ways, each of them once', async (things, places, count) => {
  const [values] = await onWasm(() => placements(things, places));
  const size = things * places;
  expect(values!.length).toBe(count * size);
  const ways = Array.from({ length: count }, (_, w) => values!.slice(w * size, (w + 1) * size));
  expect(new Set(ways.map(String)).size).toBe(count);
  for (const way of ways) {
    const taken = Array.from({ length: things }, (_, t) => way.slice(t * places, (t + 1) * places));
    expect(taken.map((row) => row.reduce((sum, v) => sum + v, 0))).toEqual(Array(things).fill(1));
    expect(new Set(taken.map((row) => row.indexOf(1))).size).toBe(things);
  }
});

test.each([
  [5, 6],
  [5, 7],
  [3, 5],
  [4, 4],
])('the cheapest matching of %i things to %i places is that of trying all', async (things, places) => {
  const costs = shares(1, 9, things, places);
  const [found] = await onWasm(() => cheapestMatching(tf.tensor3d(costs)));
  const expected = costs.flatMap((one) => cheapest(one).places.flatMap((p) => Array.from({ length: places }, (_, k) => Number(k === p))));
  expectClose(found!, expected, { atol: 1e-3 });
});

describe('the distance of sets', () => {
  test.each([8, 6, 5, 3, 1])('is that of the best of all matchings, for %i predictions', async (count) => {
    const [predicted, truth] = [shares(2, 10, count, 7), truths(3, 10, 5, 7)];
    const [found] = await onWasm(() => onSets(tf.tensor3d(predicted), tf.tensor3d(truth)));
    expectClose(found!, mean(predicted.map((set, i) => distance(set, truth[i]!))), { rtol: 1e-5 });
  });

  test('is 0 for equal sets in any order, whatever lies beyond; nothing else depends on order either', async () => {
    const truth = truths(4, 5, 5, 6);
    const equal = truth.map((set) => [[0, 0.3, 0.9, 0.2, 0.1, 0.4], ...[...set].reverse()]);
    const other = shares(5, 5, 6, 6);
    const turned = (sets: typeof other) => sets.map((set) => [...set.slice(2), set[1]!, set[0]!]);
    const [same, one, two, three] = await onWasm(() =>
      (
        [
          [equal, truth],
          [other, truth],
          [turned(other), truth],
          [other, turned(truth)],
        ] as const
      ).map(([p, t]) => onSets(tf.tensor3d(p), tf.tensor3d(t))),
    );
    expectClose(same!, 0, { atol: 1e-6 });
    expect(one![0]).toBeGreaterThan(0.5);
    expectClose([two![0]!, three![0]!], [one![0]!, one![0]!], { rtol: 1e-5 });
  });

  test('of nobody who is sure of nothing: its weight and half the square of each presence; of an object nobody is left for: half of all weights', async () => {
    const nobody = [
      [
        [0.5, 0, 0],
        [1, 0, 0],
      ],
    ];
    const one = [[[1, 0.2, 0.3]]];
    const three = [[...one[0]!, [1, 0.9, 0.9], [1, 0.5, 0.5]]];
    const empty = [[[0, 0, 0]]];
    const found = await onWasm(() => [onSets(tf.tensor3d(nobody), tf.tensor3d(empty)), onSets(tf.tensor3d(one), tf.tensor3d(three))]);
    expectClose(found.flat(), [0.25 + 1, 2 * (0.5 * (2 + 5 + 3))], { rtol: 1e-6 });
  });

  // Half squares: the slope over a step is exact as long as the matching stays.
  test.each([6, 4])('has the gradient of its slope, for %i predictions', async (count) => {
    const [predicted, truth] = [shares(20, 4, count, 6), truths(21, 4, 5, 6)];
    const h = 1e-3;
    const [gradient, up, down, way] = await onWasm(() => {
      const [p, t] = [tf.tensor3d(predicted), tf.tensor3d(truth)];
      const way = rng(8).normals<tf.Rank.R3>([4, count, 6]);
      const at = (step: number) => onSets(tf.add(p, tf.mul(step, way)), t);
      return [tf.grad((p) => onSets(p as tf.Tensor3D, t))(p), at(h), at(-h), way];
    });
    const slope = (up![0]! - down![0]!) / (2 * h);
    expect(Math.abs(slope)).toBeGreaterThan(0.05);
    expectClose(
      gradient!.reduce((sum, g, i) => sum + g * way![i]!, 0),
      slope,
      { rtol: 1e-3, atol: 1e-3 },
    );
  });
});
