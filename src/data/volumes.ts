import type { Numbers } from '../ops/numbers.ts';
import type { VolumeSplit } from './dataset.ts';

/** Made-up anatomy in stacks of slices: alike in every patient at the same height, never the same. No tensors here. */

/** Pixels a side, and slices from bottom to top. */
export const volumeSide = 32;
export const volumeSlices = 16;

type Patient = {
  readonly cos: number;
  readonly sin: number;
  readonly scale: readonly [number, number];
  readonly shift: readonly [number, number];
  readonly lift: number;
  /** Waves of the outlines: of each, how often they go round, how far, where they begin and how they turn with height. */
  readonly waves: readonly { readonly times: number; readonly size: number; readonly phase: number; readonly turn: number }[];
  readonly thickness: number;
  /** Brightness of air, body, chamber, wall, crescent: blood, in chamber and crescent, is darker than the wall in some patients. */
  readonly bright: readonly number[];
  /** Slopes of the bias field's logarithm along x, y and xy. */
  readonly bias: readonly [number, number, number];
  /** A spot as bright as the crescent that means nothing: its place, and the heights between which it is there. */
  readonly spot: { readonly x: number; readonly y: number; readonly from: number; readonly to: number };
};

const within = (n: Numbers, low: number, high: number) => low + (high - low) * n.uniform();

function patientOf(n: Numbers): Patient {
  const angle = 0.25 * n.normal();
  const around = within(n, 0, 2 * Math.PI);
  const from = within(n, 0, 0.6);
  const blood = (n.uniform() < 0.4 ? -1 : 1) * within(n, 0.06, 0.16);
  return {
    cos: Math.cos(angle),
    sin: Math.sin(angle),
    scale: [within(n, 0.85, 1.15), within(n, 0.85, 1.15)],
    shift: [within(n, -0.12, 0.12), within(n, -0.12, 0.12)],
    lift: within(n, -0.06, 0.06),
    waves: [2, 3, 4].map((times) => ({ times, size: 0.05 * n.normal(), phase: within(n, 0, 2 * Math.PI), turn: 2 * n.normal() })),
    thickness: within(n, 0.09, 0.17),
    bright: [0.04, 0.22, 0.42 + blood, 0.42 - blood, 0.42 + blood].map((level) => level + 0.03 * n.normal()),
    bias: [within(n, -0.4, 0.4), within(n, -0.4, 0.4), within(n, -0.3, 0.3)],
    spot: { x: 0.6 * Math.cos(around), y: 0.55 * Math.sin(around), from, to: from + 0.4 },
  };
}

/** Half the width at height z of what reaches `half` up and down from its middle, as an ellipsoid has it. */
const widthAt = (z: number, middle: number, half: number) => Math.sqrt(Math.max(0, 1 - ((z - middle) / half) ** 2));
const inside = (x: number, y: number, cx: number, cy: number, r: number) => (x - cx) ** 2 + (y - cy) ** 2 < r * r;

/** What is at a place of a patient, x and y in [−1, 1], height in [0, 1]: 0 none, 1 chamber, 2 wall, 3 crescent; and how bright it is. */
function at(p: Patient, u: number, v: number, height: number): readonly [tissue: number, bright: number] {
  const [air, body, chamber, wall, crescent] = p.bright as [number, number, number, number, number];
  const x = (p.cos * (u - p.shift[0]) + p.sin * (v - p.shift[1])) / p.scale[0];
  const y = (-p.sin * (u - p.shift[0]) + p.cos * (v - p.shift[1])) / p.scale[1];
  const z = height - p.lift;
  if ((x / 0.95) ** 2 + (y / 0.85) ** 2 > (0.85 + 0.15 * z) ** 2) return [0, air];
  // Outlines wave around the middle of the chamber.
  const [cx, cy] = [-0.1, 0.02];
  const angle = Math.atan2(y - cy, x - cx);
  const wave = p.waves.reduce((sum, { times, size, phase, turn }) => sum + size * Math.cos(times * angle + phase + turn * height), 1);
  // The heart stands on its tip and is cut off flat on top.
  if (z < 0.94) {
    const inner = 0.32 * widthAt(z, 0.72, 0.4);
    if (inside(x, y, cx, cy, inner * wave)) return [1, chamber];
    if (inside(x, y, cx, cy, (inner + p.thickness * widthAt(z, 0.7, 0.44)) * wave)) return [2, wall];
    if (inside(x, y, 0.26, -0.14, 0.36 * widthAt(z, 0.78, 0.32) * wave)) return [3, crescent];
  }
  // As bright as organs, and none: a stomach under the heart, a vessel that runs askew, a spine, a spot.
  const stomach = 0.26 * widthAt(z, 0.06, 0.18);
  if (inside(x, y, 0.05, -0.02, stomach * wave)) return [0, chamber];
  if (inside(x, y, 0.05, -0.02, (stomach + 0.11 * widthAt(z, 0.06, 0.2)) * wave)) return [0, wall];
  if (inside(x, y, -0.6 + 0.3 * z, -0.5 + 0.1 * z, 0.12)) return [0, chamber];
  if (inside(x, y, 0.1, 0.64, 0.15)) return [0, wall];
  const { spot } = p;
  if (height > spot.from && height < spot.to && inside(x, y, spot.x, spot.y, 0.14)) return [0, crescent];
  // Lungs above, a liver below.
  if (inside(Math.abs(x), y, 0.66, 0, 0.4 * widthAt(z, 1.05, 0.7))) return [0, (air + body) / 2];
  if (inside(x, y, -0.4, 0, 0.5 * widthAt(z, -0.05, 0.42))) return [0, (body + wall) / 2];
  return [0, body];
}

/** `count` patients, each from a stream of its own: pixels as bytes with bias field and noise, and the tissue of each. */
export function drawVolumes(count: number, rng: Numbers): VolumeSplit {
  const [side, slices] = [volumeSide, volumeSlices];
  const size = count * slices * side * side;
  const [pixels, labels] = [new Uint8Array(size), new Uint8Array(size)];
  const noise = 0.06;
  let i = 0;
  for (let volume = 0; volume < count; volume++) {
    const n = rng.split('patient', volume);
    const p = patientOf(n);
    for (let slice = 0; slice < slices; slice++)
      for (let row = 0; row < side; row++)
        for (let column = 0; column < side; column++, i++) {
          const [u, v] = [(2 * column + 1) / side - 1, (2 * row + 1) / side - 1];
          const [tissue, bright] = at(p, u, v, (slice + 0.5) / slices);
          const bias = Math.exp(p.bias[0] * u + p.bias[1] * v + p.bias[2] * u * v);
          labels[i] = tissue;
          pixels[i] = Math.max(0, Math.min(255, Math.round(255 * (bright * bias + noise * n.normal()))));
        }
  }
  return { size: count * slices, volumes: count, pixels, labels };
}
