import { beforeAll, expect, test } from 'vitest';
import { dream, follow, initStructDraw } from '../../src/nets/struct-draw.ts';
import { featureWidth, mapSide } from '../../src/nets/symbols.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';
import { randomized } from '../randomized.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('wasm');
});
const read = async (t: tf.Tensor) => Array.from(await t.data());

test('the map that an image leaves comes of its own latents: of draws from the posterior, not from the prior', async () => {
  const net = randomized(initStructDraw(3, 5, rng(1)), 2);
  const images = rng(3).normals<tf.Rank.R4>([2, mapSide, mapSide, featureWidth]);
  const { steps, map } = follow(net, images, 2, ({ mu }) => mu);
  const [first, second] = await Promise.all(tf.split(map, 2).map(read));
  expect(Math.max(...first!.map((v, i) => Math.abs(v - second![i]!)))).toBeGreaterThan(0.1);
  // Whoever draws from the prior what the posterior said dreams the same maps.
  const same = dream(net, 2, 2, (_, t) => steps[t]!.q.mu);
  expectClose(await read(same), await read(map), { rtol: 1e-5, atol: 1e-5 });
  // The first prior knows nothing of the image, the second one only what the map tells.
  const [a, b] = await Promise.all(tf.split(steps[0]!.p.mu, 2).map(read));
  expectClose(a!, b!, { rtol: 1e-6, atol: 1e-6 });
});
