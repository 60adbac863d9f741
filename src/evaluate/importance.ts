/** Samples of 2-D densities against the truth: how many lie where no data do and, where the energy is known, what their weights say. */
import type { Dataset, Energy, PointDataset } from '../data/dataset.ts';
import { potentialOf } from '../data/energy.ts';
import type { Specs } from '../hparams.ts';
import type { Context, Method, Weighted } from '../methods/method.ts';
import { type Breathe, holdBreath } from '../ops/breathe.ts';
import { rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { mapRows } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactOptions } from './artifact.ts';
import { clamp, contextOf, readNumbers, upTo } from './grids.ts';
import type { Scores } from './scores.ts';

type WithEnergy = PointDataset & Required<Pick<PointDataset, 'energy' | 'logDensity'>>;

/** Whether draws of the method can be weighted on these data: it does so itself, or it is a flow whose density is exact. */
export const isWeighted = (method: Method, data: Dataset): data is WithEnergy =>
  data.kind === 'points' && !!data.energy && !!(method.weighted ?? (method.sample && method.logProb && method.forward && method.inverse));

/** Whether samples of the method can be laid on a density that is known. */
export const isDrawn = (method: Method, data: Dataset): boolean =>
  isWeighted(method, data) || (data.kind === 'points' && !!data.logDensity && !!method.sample);

function weighted({ method, run }: Still, energy: Energy, n: number, c: Context<Specs>): readonly Weighted[] {
  if (method.weighted) return method.weighted(run, n, { ...c, energy });
  const x = method.sample!(run, n, 1, c) as tf.Tensor2D;
  const logWeights = tf.neg(tf.add(potentialOf(energy).energy(x), method.logProb!(run, x, c))) as tf.Tensor1D;
  return [{ name: method.name, x, logWeights, stages: [] }];
}

/** The level of log p that 99 % of the data exceed. */
const levels = new WeakMap<PointDataset, number>();
function levelOf(data: PointDataset): number {
  let level = levels.get(data);
  if (level === undefined) {
    const points = data.sample(20_000, rng(20_000).split('level'));
    level = logDensityOf(data, points).sort()[200]!;
    levels.set(data, level);
  }
  return level;
}

const logDensityOf = ({ logDensity }: PointDataset, points: Float32Array): Float32Array =>
  Float32Array.from({ length: points.length / 2 }, (_, i) => logDensity!(points[2 * i]!, points[2 * i + 1]!));

/** The share of points where log p is below the level: 1 % for the data themselves. */
function gapOf(data: PointDataset, points: Float32Array): number {
  const level = levelOf(data);
  return logDensityOf(data, points).filter((v) => v < level).length / (points.length / 2);
}

/**
 * What log-weights of draws of q tell of Z = ∫ e^−u: the effective share of the draws (Σw)² / (n Σw²), 1 when all weigh the same; log Z as
 * log 1/n Σw; the bound log Z − mean log w on KL(q‖p), exact where q is; and the free energy of the half x > 0 against the other, in kT.
 */
export function summarize(points: Float32Array, logWeights: Float32Array, { logZ }: Pick<Energy, 'logZ'>) {
  const n = logWeights.length;
  const top = logWeights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let [sum, squares, right, logs] = [0, 0, 0, 0];
  logWeights.forEach((log, i) => {
    const w = Math.exp(log - top);
    sum += w;
    squares += w * w;
    if (points[2 * i]! > 0) right += w;
    logs += log;
  });
  return {
    ess: (sum * sum) / (n * squares),
    logZ: top + Math.log(sum / n),
    reverseKl: logZ - logs / n,
    freeEnergy: -Math.log(right / (sum - right)),
  };
}

const count = 20_000;
const batch = 2000;

/** Columns from … to of rows of numbers. */
const columnsOf = ({ values, columns }: { values: Float32Array; columns: number }, from: number, to: number): Float32Array => {
  const out = new Float32Array((values.length / columns) * (to - from));
  for (let i = 0; i < values.length / columns; i++) out.set(values.subarray(i * columns + from, i * columns + to), i * (to - from));
  return out;
};

/** Of 20,000 draws; those that cannot be told, as of a half that no draw fell into, are left out. */
export async function drawnScores(session: Still, breathe: Breathe = holdBreath): Promise<Scores> {
  const { method, run } = session;
  const data = session.data as PointDataset;
  const c = session.context('drawn');
  const fresh = (from: number) => ({ ...c, rng: c.rng.split(from) });
  if (!isWeighted(method, data)) {
    const { values } = await mapRows(count, (from, n) => method.sample!(run, n, 1, fresh(from)) as tf.Tensor2D, { batch, breathe });
    return { gap: gapOf(data, values) };
  }
  const rows = (from: number, n: number) =>
    tf.concat(
      weighted(session, data.energy, n, fresh(from)).flatMap(({ x, logWeights }) => [x, tf.reshape(logWeights, [-1, 1])]),
      1,
    ) as tf.Tensor2D;
  const drawn = await mapRows(count, rows, { batch, breathe });
  const [own, plain] = upTo(drawn.columns / 3).map((k) => {
    const points = columnsOf(drawn, 3 * k, 3 * k + 2);
    return { gap: gapOf(data, points), ...summarize(points, columnsOf(drawn, 3 * k + 2, 3 * k + 3), data.energy) };
  });
  const { gap, ess, logZ, reverseKl, freeEnergy } = own!;
  const found = {
    ...{ gap, ess, logZ, reverseKl, freeEnergy, logZExact: data.energy.logZ, freeEnergyExact: data.energy.freeEnergy },
    ...(plain ? { gapPlain: plain.gap, essPlain: plain.ess, reverseKlPlain: plain.reverseKl, freeEnergyPlain: plain.freeEnergy } : {}),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => Number.isFinite(value)));
}

/** The target, the samplers' draws and their weights, and the way of the first from noise to data. */
export async function weightedArtifact(
  session: Still,
  { count: asked = 2000 }: ArtifactOptions,
): Promise<Extract<Artifact, { kind: 'weighted' }>> {
  const data = session.data as WithEnergy;
  const { extent, energy, name } = data;
  const n = clamp(asked, 2000);
  const samplers = tf.tidy(
    () =>
      weighted(session, energy, n, contextOf(session, 'weighted')).map(({ stages, ...rest }) => ({
        ...rest,
        // A layer may hand its input on: each stage gets a tensor of its own to free.
        stages: stages.map(({ name, y }) => ({ name, y: tf.clone(y) })),
      })) as unknown as tf.TensorContainer,
  ) as unknown as readonly Weighted[];
  const side = 80;
  const at = (k: number) => -extent + (2 * extent * (k + 0.5)) / side;
  const level = levelOf(data);
  return {
    kind: 'weighted',
    data: name,
    side,
    extent,
    target: Float32Array.from({ length: side * side }, (_, i) => Math.exp(data.logDensity(at(i % side), at(Math.floor(i / side))))),
    freeEnergy: energy.freeEnergy,
    samplers: await Promise.all(
      samplers.map(async ({ name, x, logWeights, stages }) => {
        const [points, logs] = [await readNumbers(x), await readNumbers(logWeights)];
        return {
          name,
          points,
          inGap: Uint8Array.from(logDensityOf(data, points), (v) => (v < level ? 1 : 0)),
          logWeights: logs.map((v) => v - energy.logZ),
          ...summarize(points, logs, energy),
          gap: gapOf(data, points),
          stages: await Promise.all(stages.map(async (stage) => ({ name: stage.name, points: await readNumbers(stage.y) }))),
        };
      }),
    ),
  };
}
