/**
 * 2-D toy densities. Each is exactly normalized and comes with its sampler, log-density and differential entropy in nats:
 * the NLL that no model can beat on fresh samples.
 */
import type { Numbers } from '../ops/numbers.ts';
import type { Energy, PointDataset } from './dataset.ts';

export type DensityId =
  | 'two-moons'
  | 'eight-gaussians'
  | 'checkerboard'
  | 'four-circles'
  | 'corners'
  | 'spirals'
  | 'pinwheel'
  | 'double-well'
  | 'smiley';

/** A density whose value is known as well. */
type Density = PointDataset & Required<Pick<PointDataset, 'logDensity'>>;

type Point = readonly [number, number];
/** A point with its share of the mass. */
type Node = readonly [number, number, number];

type Definition<Id extends DensityId = DensityId> = {
  readonly id: Id;
  readonly name: string;
  readonly draw: (rng: Numbers) => Point;
  readonly logDensity: (x: number, y: number) => number;
  readonly entropy: PointDataset['entropy'];
  readonly energy?: Energy;
  readonly extent: number;
};

const define = <Id extends DensityId>({ draw, ...rest }: Definition<Id>): Density & { readonly id: Id } => ({
  ...rest,
  kind: 'points',
  shape: [2],
  sample: (count, rng) => {
    const points = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) points.set(draw(rng), 2 * i);
    return points;
  },
});

const fromGrid = 'quadrature of −p log p, the density being exact, on a grid of 400 × 400 over [−5, 5]²; error below 0.00001';

const { PI, SQRT1_2, cos, exp, floor, log, sin, sqrt } = Math;
const sign = (rng: Numbers): number => (rng.uniform() < 0.5 ? -1 : 1);
const noisy = ([x, y]: Point, sigma: number, rng: Numbers): Point => [x + sigma * rng.normal(), y + sigma * rng.normal()];

/**
 * log Σ w N(· ; node, σ² I). A curve with Gaussian noise is this with the nodes and weights of a quadrature along the curve: exact to
 * rounding once nodes lie closer than σ, and normalized whatever their number, since the weights add up to 1.
 */
const logMixture = (nodes: readonly Node[], sigma: number) => {
  const precision = 1 / (2 * sigma * sigma);
  return (x: number, y: number): number => {
    let nearest = Number.POSITIVE_INFINITY;
    for (const [u, v] of nodes) nearest = Math.min(nearest, (x - u) ** 2 + (y - v) ** 2);
    let sum = 0;
    for (const [u, v, w] of nodes) sum += w * exp((nearest - (x - u) ** 2 - (y - v) ** 2) * precision);
    return log((sum * precision) / PI) - nearest * precision;
  };
};

/** The circle of n equal nodes: the trapezoidal rule, which converges exponentially on periodic functions. */
const circle = (centre: Point, radius: number, n: number, phase = 0): Node[] =>
  Array.from({ length: n }, (_, i) => {
    const angle = phase + (2 * PI * i) / n;
    return [centre[0] + radius * cos(angle), centre[1] + radius * sin(angle), 1 / n];
  });

/** Gauss–Legendre nodes on [0, 1] with weights that add up to 1, by Newton's iterations on the Legendre polynomial P_n. */
const legendre = (n: number): Point[] =>
  Array.from({ length: n }, (_, i) => {
    let x = cos((PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 8; step++) {
      let [before, value] = [1, x];
      for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = (n * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    return [(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)];
  });

/** Each of several shapes with equal probability. */
const together = (...shapes: readonly (readonly Node[])[]): Node[] =>
  shapes.flatMap((shape) => shape.map(([x, y, w]): Node => [x, y, w / shapes.length]));

/** zuko's two moons: the upper half circle about (−½, −¼), the lower about (½, ¼), σ = 0.1. */
const moon = (angle: number): Point => {
  const lower = angle > PI ? 0.5 : -0.5;
  return [cos(angle) + lower, sin(angle) + lower / 2];
};
const twoMoons = define({
  id: 'two-moons',
  name: 'Two moons',
  draw: (rng) => noisy(moon(2 * PI * rng.uniform()), 0.1, rng),
  logDensity: logMixture(together(...[0, PI].map((start) => legendre(64).map(([u, w]): Node => [...moon(start + PI * u), w]))), 0.1),
  entropy: { nats: 1.00758, how: fromGrid },
  extent: 2,
});

/** SurVAE's version of FFJORD's: on a circle of radius 4 with σ = ½, all divided by √2; no component on an axis. */
const centres = circle([0, 0], 4 * SQRT1_2, 8, PI / 8);
const eightGaussians = define({
  id: 'eight-gaussians',
  name: 'Eight gaussians',
  draw: (rng) => {
    const [x, y] = centres[rng.integer(8)]!;
    return noisy([x, y], 0.5 * SQRT1_2, rng);
  },
  logDensity: logMixture(centres, 0.5 * SQRT1_2),
  entropy: { nats: 2.83158, how: fromGrid },
  energy: { form: { kind: 'mixture', nodes: centres, sigma: 0.5 * SQRT1_2 }, logZ: 0, freeEnergy: 0 },
  extent: 4,
});

/** Uniform on the 8 squares of side 2, of the 16 of [−4, 4]², whose column and row add up to an even number. */
const checkerboard = define({
  id: 'checkerboard',
  name: 'Checkerboard',
  draw: (rng) => {
    const [column, row] = [rng.integer(4), rng.integer(2)];
    return [2 * (column + rng.uniform()) - 4, 2 * (2 * row + (column % 2) + rng.uniform()) - 4];
  },
  logDensity: (x, y) =>
    Math.abs(x) <= 4 && Math.abs(y) <= 4 && (floor(x / 2) + floor(y / 2)) % 2 === 0 ? -log(32) : Number.NEGATIVE_INFINITY,
  entropy: { nats: log(32), how: 'analytic: log 32, the area' },
  extent: 4.5,
});

/** Circles of radius 2 about (±1, ±1), which cross each other, with σ = 0.1. */
const fourCircles = define({
  id: 'four-circles',
  name: 'Four circles',
  draw: (rng) => {
    const angle = 2 * PI * rng.uniform();
    return noisy([sign(rng) + 2 * cos(angle), sign(rng) + 2 * sin(angle)], 0.1, rng);
  },
  logDensity: logMixture(
    together(
      ...(
        [
          [1, 1],
          [-1, 1],
          [1, -1],
          [-1, -1],
        ] as const
      ).map((centre) => circle(centre, 2, 160)),
    ),
    0.1,
  ),
  entropy: { nats: 2.87082, how: fromGrid },
  extent: 3.5,
});

/**
 * Four L-shaped corners: (|x|, |y|) uniform on [1, 2] × [1, 4] or, as likely, on [1, 4] × [1, 2], with random signs.
 * The two arms share the square [1, 2]², where the density is double.
 */
const corners = define({
  id: 'corners',
  name: 'Corners',
  draw: (rng) => {
    const [across, along] = [1 + rng.uniform(), 1 + 3 * rng.uniform()];
    const [x, y] = rng.uniform() < 0.5 ? [across, along] : [along, across];
    return [sign(rng) * x, sign(rng) * y];
  },
  logDensity: (x, y) => {
    const inside = (u: number, end: number) => (Math.abs(u) >= 1 && Math.abs(u) <= end ? 1 : 0);
    return log((inside(x, 2) * inside(y, 4) + inside(x, 4) * inside(y, 2)) / 24);
  },
  entropy: { nats: log(24) - log(2) / 3, how: 'analytic: log 24 − ⅓ log 2, a third of the mass having double density' },
  extent: 4.5,
});

/**
 * FFJORD's two spirals: ±t(−cos t, sin t)/3, t = 3π√u, u uniform, σ = 0.1.
 * Differs: without FFJORD's further uniform jitter, so that the density is an integral along the curve.
 */
const spiral = (t: number): Point => [(-t * cos(t)) / 3, (t * sin(t)) / 3];
const arm = legendre(320).map(([u, w]): Node => [...spiral(3 * PI * u), 2 * u * w]);
const spirals = define({
  id: 'spirals',
  name: 'Spirals',
  draw: (rng) => {
    const [x, y] = spiral(3 * PI * sqrt(rng.uniform()));
    const side = sign(rng);
    return noisy([side * x, side * y], 0.1, rng);
  },
  logDensity: logMixture(
    together(
      arm,
      arm.map(([x, y, w]): Node => [-x, -y, w]),
    ),
    0.1,
  ),
  entropy: { nats: 2.54062, how: fromGrid },
  extent: 4,
});

/**
 * Pinwheel (Johnson et al. 2016, arXiv 1603.06277): five Gaussians N((1, 0), diag(0.3², 0.1²)), turned by multiples of 72°, swirled and doubled.
 * Differs: the swirl turns a point of radius ρ by e^ρ/4, where the original takes the first coordinate for ρ. Turning circles
 * preserves area, so the density is exact.
 */
const turn = ([x, y]: Point, angle: number): Point => [x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)];
const swirl = (radius: number): number => exp(radius) / 4;
const pinwheel = define({
  id: 'pinwheel',
  name: 'Pinwheel',
  draw: (rng) => {
    const blade: Point = [1 + 0.3 * rng.normal(), 0.1 * rng.normal()];
    const [x, y] = turn(blade, (2 * PI * rng.integer(5)) / 5 + swirl(Math.hypot(...blade)));
    return [2 * x, 2 * y];
  },
  logDensity: (x, y) => {
    const point: Point = [x / 2, y / 2];
    const unswirled = turn(point, -swirl(Math.hypot(...point)));
    const exponents = [0, 1, 2, 3, 4].map((k) => {
      const [along, across] = turn(unswirled, (-2 * PI * k) / 5);
      return -0.5 * (((along - 1) / 0.3) ** 2 + (across / 0.1) ** 2);
    });
    const top = Math.max(...exponents);
    // Five blades of height 1/(2π·0.3·0.1), over four times the area.
    return top + log(exponents.reduce((sum, e) => sum + exp(e - top), 0) / (5 * 4 * 2 * PI * 0.3 * 0.1));
  },
  entropy: { nats: 2.32059, how: fromGrid },
  extent: 4,
});

/**
 * Two valleys about x = ±√6, the right one higher, with a pass of 9 kT between them: −log p = (x² − 6)²/4 + x/2 + y²/2 + log Z. The double
 * well of Noé et al. 2019 (arXiv:1812.01729), its constants chosen anew; log Z and the free energy by quadrature along x.
 */
const wells = { kind: 'wells', depth: 6, tilt: 0.5 } as const;
const wellsLogZ = 1.914442808;
const valley = (x: number): number => (x * x - wells.depth) ** 2 / 4 + wells.tilt * x;
const doubleWell = define({
  id: 'double-well',
  name: 'Double well',
  draw: (rng) => {
    // Rejection: beyond 4.5 lies less than e^−50 of the mass, and e^−valley stays below e^1.3.
    let x: number;
    do x = 9 * rng.uniform() - 4.5;
    while (rng.uniform() >= exp(-valley(x) - 1.3));
    return [x, rng.normal()];
  },
  logDensity: (x, y) => -valley(x) - (y * y) / 2 - wellsLogZ,
  entropy: { nats: 1.91006, how: fromGrid },
  energy: { form: wells, logZ: wellsLogZ, freeEnergy: 2.39059447 },
  extent: 4,
});

/** A drawn face: an outline of half the mass, a mouth of a quarter, two eyes of an eighth each; a pen of σ = 0.2. */
const smile = 1.7;
const mouth = (u: number): Point => [smile * cos(PI * (1.1 + 0.8 * u)), smile * sin(PI * (1.1 + 0.8 * u))];
const face: readonly Node[] = [
  ...circle([0, 0], 3, 112).map(([x, y, w]): Node => [x, y, w / 2]),
  ...legendre(32).map(([u, w]): Node => [...mouth(u), w / 4]),
  [-1.1, 1.3, 1 / 8],
  [1.1, 1.3, 1 / 8],
];
const smiley = define({
  id: 'smiley',
  name: 'Smiley',
  draw: (rng) => {
    const [part, along] = [rng.uniform(), rng.uniform()];
    const on: Point =
      part < 0.5 ? [3 * cos(2 * PI * along), 3 * sin(2 * PI * along)] : part < 0.75 ? mouth(along) : [part < 0.875 ? -1.1 : 1.1, 1.3];
    return noisy(on, 0.2, rng);
  },
  logDensity: logMixture(face, 0.2),
  entropy: { nats: 2.82471, how: fromGrid },
  energy: { form: { kind: 'mixture', nodes: face, sigma: 0.2 }, logZ: 0, freeEnergy: 0 },
  extent: 4,
});

export const densities: { readonly [Id in DensityId]: Density } = {
  'two-moons': twoMoons,
  'eight-gaussians': eightGaussians,
  checkerboard,
  'four-circles': fourCircles,
  corners,
  spirals,
  pinwheel,
  'double-well': doubleWell,
  smiley,
};
