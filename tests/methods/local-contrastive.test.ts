import { describe, expect, test } from 'vitest';
import type { VolumeDataset } from '../../src/data/dataset.ts';
import type { Values } from '../../src/hparams.ts';
import { localContrastive } from '../../src/methods/local-contrastive.ts';
import { rng } from '../../src/ops/random.ts';
import { leaves, paths } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { createBatcher } from '../../src/train/batches.ts';
import { expectClose } from '../close.ts';
import { context, onWasm } from './context.ts';

const [rows, side, classes] = [4, 32, 4];
/** Blocks of 4 × 4 pixels, each of a level of its own. */
const blocks = (seed: number) => {
  const levels = rng(seed).uniforms<tf.Rank.R4>([rows, 8, 1, 8], 0, 1);
  return tf.reshape(tf.tile(tf.reshape(levels, [rows, 8, 1, 8, 1]), [1, 1, 4, 1, 4]), [rows, side, side, 1]) as tf.Tensor4D;
};
const labels = (seed: number) =>
  tf.reshape(
    tf.oneHot(
      tf.tensor1d(
        Int32Array.from({ length: rows * side * side }, (_, i) => (i * seed) % classes),
        'int32',
      ),
      classes,
    ),
    [rows, side, side, classes],
  ) as tf.Tensor4D;
const batch = (seed = 1, label = 1) => ({
  x: blocks(seed),
  twins: blocks(seed + 1),
  height: tf.tensor1d([0.1, 0.2, 0.6, 0.9]),
  labelled: { x: blocks(label + 10), y: labels(label) },
});
type Hp = Partial<Values<typeof localContrastive.hparams>>;
const setup = (hp: Hp, progress = 0, seed = 1) => {
  const c = { ...context(localContrastive.hparams, [side, side, 1] as const, hp, { progress, seed }), classes };
  return { c, ...localContrastive.init(c) };
};
const lossOf = (hp: Hp, progress: number, given: () => ReturnType<typeof batch>) =>
  onWasm(() => {
    const { c, params, state } = setup(hp, progress);
    return localContrastive.loss(params, state, given(), c).loss;
  }).then(([loss]) => loss![0]!);

/** The groups of parameters that a loss moves: "net.up.0" of "net.up.0.mix.w". */
async function movedBy(hp: Hp, progress: number): Promise<string[]> {
  const { c, params, state } = setup(hp, progress);
  const given = batch();
  const { grads } = tf.engine().gradients(() => localContrastive.loss(params, state, given, c).loss, leaves(params), undefined, true);
  const moved = grads.map((g: tf.Tensor | null | undefined) => !!g && g.dataSync().some((v) => v !== 0));
  const names = paths(params).filter((_, i) => moved[i]);
  return [
    ...new Set(
      names.map((name) =>
        name
          .split(/[./]/)
          .slice(0, name.includes('up') ? 3 : name.startsWith('net') ? 2 : 1)
          .join('.'),
      ),
    ),
  ];
}

describe('global and local contrast', () => {
  test('reads no label in its first share, and nothing else after it', async () => {
    const hp = { share: 0.5 };
    expect(await lossOf(hp, 0.4, () => batch(1, 2))).toBe(await lossOf(hp, 0.4, () => batch(1, 1)));
    expect(await lossOf(hp, 0.5, () => batch(2, 1))).toBe(await lossOf(hp, 0.5, () => batch(1, 1)));
    expect(await lossOf(hp, 0.4, () => batch(2, 1))).not.toBe(await lossOf(hp, 0.4, () => batch(1, 1)));
    expect(await lossOf(hp, 0.5, () => batch(1, 2))).not.toBe(await lossOf(hp, 0.5, () => batch(1, 1)));
    expect(await lossOf({ pretrain: 'none' }, 0, () => batch(1, 2))).not.toBe(await lossOf({ pretrain: 'none' }, 0, () => batch(1, 1)));
  });

  test('by default pre-trains for three quarters of the run, then fine-tunes all of the network', async () => {
    expect(await movedBy({}, 0.749)).toEqual(['net.down', 'net.up.0', 'global', 'local']);
    expect(await movedBy({}, 0.75)).toEqual(['net.down', 'net.up.0', 'net.up.1', 'net.up.2', 'net.out']);
  });

  test('moves what each loss is for, and leaves alone what is frozen', async () => {
    expect(await movedBy({ pretrain: 'global' }, 0)).toEqual(['net.down', 'global']);
    expect(await movedBy({ pretrain: 'local' }, 0)).toEqual(['net.down', 'net.up.0', 'local']);
    expect(await movedBy({}, 0)).toEqual(['net.down', 'net.up.0', 'global', 'local']);
    const last = ['net.up.1', 'net.up.2', 'net.out'];
    expect(await movedBy({ share: 0.5, frozen: 0.4 }, 0.69)).toEqual(last);
    expect(await movedBy({ share: 0.5, frozen: 0.4, pretrain: 'global' }, 0.69)).toEqual(['net.up.0', ...last]);
    expect(await movedBy({ share: 0.5, frozen: 0.4 }, 0.71)).toEqual(['net.down', 'net.up.0', ...last]);
    expect(await movedBy({ share: 0.5, frozen: 0.4, pretrain: 'none' }, 0)).toEqual(['net.down', 'net.up.0', ...last]);
  });

  test('costs what chance costs where the heads tell nothing apart', async () => {
    const [global, local] = await onWasm(() => {
      const { c, params, state } = setup({});
      const mute = (h: typeof params.global) => ({ ...h, out: { w: tf.zerosLike(h.out.w), b: tf.zerosLike(h.out.b) } });
      const { metrics } = localContrastive.loss({ ...params, global: mute(params.global), local: mute(params.local) }, state, batch(), c);
      return [metrics!.global!, metrics!.local!];
    });
    // Heights 0.1, 0.2, 0.6, 0.9 in four parts: slices of the first meet 4 of others in 12 pairs, the other two 6 in 2 pairs each.
    expectClose(global![0]!, (12 * Math.log(5) + 4 * Math.log(7)) / 16, { rtol: 1e-5 });
    // Sixteen regions are in both windows wherever they lie.
    expectClose(local![0]!, Math.log(31), { rtol: 1e-5 });
  });

  test('compares regions that are at the same place of the slice, wherever the windows lie', async () => {
    // Each region differs from all others: even a random net finds it more like itself in another light, if it is the same one.
    const losses: number[] = [];
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const [loss] = await onWasm(() => {
        const { c, params, state } = setup({ local: 'within', pretrain: 'local', temperature: 0.3 }, 0, seed);
        return localContrastive.loss(params, state, batch(), c).loss;
      });
      losses.push(loss![0]!);
    }
    expect(losses.reduce((a, v) => a + v) / losses.length).toBeLessThan(Math.log(31) - 0.2);
  });
});

describe('batches of slices', () => {
  /** Five volumes of three slices of 1 × 2 pixels: the first tells the volume, the second the height. */
  const split = () => {
    const pixels = Uint8Array.from({ length: 30 }, (_, i) => (i % 2 ? (i >> 1) % 3 : Math.floor(i / 6)));
    return { size: 15, volumes: 5, pixels, labels: pixels.map((p) => p % 3) };
  };
  const data: VolumeDataset = {
    ...{ kind: 'volumes', id: 'organs', name: 'telling slices', shape: [1, 2, 1], slices: 3, classes: ['a', 'b', 'c'] },
    train: split(),
    test: split(),
  };
  const drawn = async (labelled: number, step: number, seed = 1) => {
    const made = createBatcher(data, 'slices', 64).batch(step, null, { labelled }, rng(seed)) as unknown as ReturnType<typeof batch>;
    const read = async (t: tf.Tensor, scale = 255) => Array.from(await t.data(), (v) => Math.round(v * scale));
    const pairs = (values: number[]) => values.filter((_, i) => i % 2 === 0).map((v, i) => [v, values[2 * i + 1]!] as const);
    const [x, twins, known] = [pairs(await read(made.x)), pairs(await read(made.twins)), pairs(await read(made.labelled.x))];
    return { x, twins, known, height: await read(made.height, 6), y: await read(made.labelled.y, 1) };
  };

  test('hold twins of other volumes at the same height, and that height', async () => {
    const { x, twins, height } = await drawn(2, 0);
    for (const [i, [volume, at]] of x.entries()) {
      expect(twins[i]![1]).toBe(at);
      expect(twins[i]![0]).not.toBe(volume);
      expect(height[i]).toBe(2 * at + 1);
    }
    expect(new Set(x.map(([volume]) => volume)).size).toBe(5);
  });

  test('read labels of the same few volumes at every step, and one more where one more is allowed', async () => {
    const volumesOf = async (labelled: number, step: number, seed = 1) =>
      [...new Set((await drawn(labelled, step, seed)).known.map(([v]) => v))].sort();
    const two = await volumesOf(2, 0);
    expect(two).toHaveLength(2);
    expect(await volumesOf(2, 7)).toEqual(two);
    expect(await volumesOf(3, 0)).toEqual(expect.arrayContaining(two));
    const { known, y } = await drawn(2, 0);
    known.forEach(([volume, at], i) => {
      expect(y.slice(6 * i, 6 * i + 3).indexOf(1)).toBe(volume % 3);
      expect(y.slice(6 * i + 3, 6 * i + 6).indexOf(1)).toBe(at % 3);
    });
  });
});
