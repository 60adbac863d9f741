import { stopGradient } from '../ops/stop-gradient.ts';
import * as tf from '../tf.ts';

/** Those that were listed before: a run asks for the same at every step, and listing takes milliseconds. */
const listed = new Map<string, Float32Array>();

/** Every way to give each of `things` a place of its own among `places` ≥ `things`, 0 or 1: [ways, things · places]. */
export function placements(things: number, places: number): tf.Tensor2D {
  const key = `${things} ${places}`;
  const marks = listed.get(key) ?? allPlacements(things, places);
  listed.set(key, marks);
  return tf.tensor2d(marks, [marks.length / (things * places), things * places]);
}

function allPlacements(things: number, places: number): Float32Array {
  const ways: (readonly number[])[] = [];
  const place = (taken: readonly number[]) => {
    if (taken.length === things) ways.push(taken);
    else for (let p = 0; p < places; p++) if (!taken.includes(p)) place([...taken, p]);
  };
  place([]);
  const marks = new Float32Array(ways.length * things * places);
  for (const [w, taken] of ways.entries()) for (const [thing, p] of taken.entries()) marks[(w * things + thing) * places + p] = 1;
  return marks;
}

/** So much for each unit of cost that the cheapest way has all the weight, but for ties. */
const sharpness = 1e5;

/**
 * The cheapest matching of things to places, by trying them all: what the Hungarian algorithm finds otherwise. costs [N, O, K], O ≤ K, →
 * shares [N, O, K] in {0, 1}, each thing at one place, each place with one thing at most; a constant to gradients. Ways within some 1e-5
 * of the cheapest share its weight, as do those that differ in things of no cost alone. K!/(K − O)! ways: 720 for 5 things at 6 places.
 */
export function cheapestMatching(costs: tf.Tensor3D): tf.Tensor3D {
  const [n, things, places] = costs.shape;
  const ways = placements(things, places);
  const totals = tf.matMul(tf.reshape(stopGradient(costs), [n, things * places]), ways, false, true);
  return tf.reshape(tf.matMul(tf.softmax(tf.mul(-sharpness, totals)), ways), [n, things, places]);
}

/**
 * Distance of two sets: the least over all matchings of Σ ½ w(p − t)² over the D numbers of matched rows, and of the presences of all
 * others, which should be 0; mean over N. predicted [N, K, D] and true [N, O, D] lie in [0, 1], presence first; a true row of presence 0
 * is padding. A true row for which no prediction is left costs ½ Σ w, as if all were wrong. 0 for equal sets in any order.
 * Locatello et al. 2020, arXiv 2006.15055, “Set Prediction”; their Huber loss is this half square, since no difference exceeds 1.
 * Differs: numbers have weights [D]; a prediction without a partner pays for its presence alone, theirs is drawn to 0 in every number.
 */
export function setDistance(predicted: tf.Tensor3D, truth: tf.Tensor3D, weights: readonly number[]): tf.Scalar {
  const [n, count] = predicted.shape;
  const things = truth.shape[1];
  const wrong = tf.mul(0.5, tf.tensor1d([...weights]));
  const presence = (rows: tf.Tensor3D) => tf.slice(rows, [0, 0, 0], [-1, -1, 1]);
  const absent = tf.mul(weights[0]! / 2, tf.square(presence(predicted)));
  // What it costs to be this thing, less what it costs to be none.
  const each = tf.sum(tf.mul(wrong, tf.square(tf.sub(tf.expandDims(predicted, 1), tf.expandDims(truth, 2)))), 3);
  const instead = tf.sub(each, tf.reshape(absent, [n, 1, count]));
  const left = tf.fill([n, things, Math.max(0, things - count)], weights.reduce((sum, w) => sum + w, 0) / 2);
  const costs = tf.mul(presence(truth), tf.concat([instead, left], 2)) as tf.Tensor3D;
  return tf.div(tf.add(tf.sum(tf.mul(cheapestMatching(costs), costs)), tf.sum(absent)), n);
}
