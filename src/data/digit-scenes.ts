import type { Numbers } from '../ops/numbers.ts';
import { numbers } from '../ops/numbers.ts';
import type { DigitRule, ImageDataset, SceneDataset, SceneSplit } from './dataset.ts';
import { cleanGlyphs, type Glyphs, glyphSide, quarterSide } from './glyphs.ts';

/** Pixels a side of a scene. */
export const sceneSide = 2 * quarterSide;
const area = glyphSide * glyphSide;

/**
 * `size` scenes, each of a stream of its own: one digit anywhere in each quarter. The first is any; read row by row, each is one more than
 * the one before it, and 0 follows 9. Nothing overlaps. A scene's label is its first digit; a pixel is an object's if it is not dark.
 */
export function drawDigitScenes(size: number, { pixels, labels }: Glyphs, rng: Numbers): SceneSplit {
  const byClass = Array.from({ length: 10 }, (_, digit) => Array.from(labels, (_, i) => i).filter((i) => labels[i] === digit));
  const space = sceneSide * sceneSide;
  const out = { pixels: new Uint8Array(size * space), masks: new Uint8Array(size * space), labels: new Uint8Array(size) };
  const objects = Array.from({ length: size }, (_, n) => {
    const stream = rng.split(n);
    const first = stream.integer(10);
    out.labels[n] = first;
    return [0, 1, 2, 3].map((k) => {
      const digit = (first + k) % 10;
      const those = byClass[digit]!;
      if (!those.length) throw new Error(`No image shows a ${digit}; scenes need every digit from 0 to 9. Run \`npm run data\``);
      const glyph = those[stream.integer(those.length)]!;
      const [top, left] = [k >> 1, k & 1].map((q) => q * quarterSide + stream.integer(quarterSide - glyphSide + 1)) as [number, number];
      for (let p = 0; p < area; p++) {
        const at = n * space + (top + Math.floor(p / glyphSide)) * sceneSide + left + (p % glyphSide);
        out.pixels[at] = pixels[glyph * area + p]!;
        if (out.pixels[at]! > 64) out.masks[at] = k + 1;
      }
      return { shape: String(digit), colour: 0, x: left + glyphSide / 2, y: top + glyphSide / 2, radius: glyphSide / 2 };
    });
  });
  return { size, ...out, objects };
}

/** The rule in words. */
const words = 'One digit in each quarter; read row by row, each is one more than the one before it, and 0 follows 9.';

/** Scenes of four digits that keep a rule, from MNIST: always the same, training and held-out ones of different digits. */
export function digitScenes(
  info: Pick<SceneDataset, 'id' | 'name'>,
  mnist: Pick<ImageDataset, 'train' | 'test'>,
  { train = 5000, test = 500 }: { train?: number; test?: number } = {},
): SceneDataset {
  const glyphs = cleanGlyphs(mnist);
  const rng = numbers(2020).split(info.id);
  const rule: DigitRule = { words, ...glyphs.train, limit: glyphs.limit };
  return {
    ...{ kind: 'scenes', id: info.id, name: info.name, shape: [sceneSide, sceneSide, 1] },
    classes: Array.from({ length: 10 }, (_, first) => [0, 1, 2, 3].map((k) => (first + k) % 10).join(' ')),
    train: drawDigitScenes(train, glyphs.train, rng.split('train')),
    test: drawDigitScenes(test, glyphs.test, rng.split('test')),
    rule,
  };
}
