import { augment } from '../data/views.ts';
import type { Value } from '../hparams.ts';
import * as tf from '../tf.ts';
import { toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact } from './artifact.ts';
import { mean } from './generation.ts';
import { contextOf, gridOf, imagesOf, readImages, readNumbers, upTo } from './grids.ts';

type Relations = Extract<Artifact, { kind: 'relations' }>;

/** Images that the means are over, and those of them that are drawn: two of each of the first classes, as far as they go. */
const [looked, drawn] = [64, 12];

/** Two views of held-out images, each first one related to each second one. The images lie in the order of their classes. */
export async function relations(session: Still): Promise<Relations> {
  const { method, run, settings } = session;
  const { test, shape } = imagesOf(session);
  const c = contextOf(session, 'relations');
  const all = upTo(Math.min(looked, test.size));
  const ranked = all
    .map((row) => ({ row, label: test.labels[row]!, before: all.filter((i) => i < row && test.labels[i] === test.labels[row]).length }))
    .sort((a, b) => Number(a.before > 1) - Number(b.before > 1) || a.label - b.label || a.row - b.row);
  const rows = ranked.map(({ row }) => row);
  const labels = Uint8Array.from(ranked, ({ label }) => label);
  const made = tf.tidy(() => {
    const x = toImages(gridOf(test.pixels, shape, rows).pixels, shape);
    const view = (which: number) => augment(x, settings as Readonly<Record<string, Value>>, c.rng.split('view', which));
    const [a, b] = [view(0), view(1)];
    const few = (x: tf.Tensor4D) => tf.slice(x, [0], [Math.min(drawn, rows.length)]);
    return { scores: method.relate!(run, a, b, c), first: few(a), second: few(b) };
  });
  const [first, second, scores] = [await readImages(made.first), await readImages(made.second), await readNumbers(made.scores)];
  const n = rows.length;
  const kinds = Array.from(scores, (score, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return { score, kind: i === j ? 'own' : labels[i] === labels[j] ? 'alike' : 'other' } as const;
  });
  const scoresOf = (...wanted: string[]) => kinds.filter(({ kind }) => wanted.includes(kind)).map(({ score }) => score);
  return {
    kind: 'relations',
    first,
    second,
    labels: labels.slice(0, first.n),
    scores: Float32Array.from({ length: first.n ** 2 }, (_, at) => scores[Math.floor(at / first.n) * n + (at % first.n)]!),
    of: n,
    means: { own: mean(scoresOf('own')), alike: mean(scoresOf('alike')), other: mean(scoresOf('other')) },
    right: {
      own: mean(scoresOf('own').map((score) => Number(score > 0.5))),
      other: mean(scoresOf('alike', 'other').map((score) => Number(score < 0.5))),
    },
  };
}
