/** The numbers of `Rng`, without its tensors: all that a page needs, which has no tfjs. */
export type Numbers = {
  /** An independent stream named by its path: `rng.split('step', 7)`. Does not move this stream. */
  split(...path: readonly (string | number)[]): Numbers;
  /** Uniform on [0, 1). */
  uniform(): number;
  /** Uniform on 0 … n − 1. */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** 0 … n − 1 in random order. */
  permutation(n: number): Int32Array;
};

/** One step of MurmurHash3's 32-bit mixing: avalanche of `h` with `k`. */
function mix(h: number, k: number): number {
  let x = Math.imul(k, 0xcc9e2d51);
  x = Math.imul((x << 15) | (x >>> 17), 0x1b873593) ^ h;
  x = Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

const hash = (h: number, part: string | number): number =>
  typeof part === 'number' ? mix(mix(h, 0x6e), part | 0) : [...part].reduce((a, ch) => mix(a, ch.codePointAt(0)!), mix(h, 0x73));

/** Ziggurat tables of Marsaglia & Tsang (2000): 128 layers of equal area under exp(−x²/2). */
const ziggurat = (() => {
  const area = 9.91256303526217e-3;
  const edge = 3.442619855899;
  const k = new Uint32Array(128);
  const w = new Float64Array(128);
  const f = new Float64Array(128);
  const m = 2147483648;
  let x = edge;
  let last = edge;
  const q = area / Math.exp(-0.5 * x * x);
  k[0] = (x / q) * m;
  w[0] = q / m;
  w[127] = x / m;
  f[0] = 1;
  f[127] = Math.exp(-0.5 * x * x);
  for (let i = 126; i >= 1; i--) {
    x = Math.sqrt(-2 * Math.log(area / x + Math.exp(-0.5 * x * x)));
    k[i + 1] = (x / last) * m;
    last = x;
    f[i] = Math.exp(-0.5 * x * x);
    w[i] = x / m;
  }
  return { k, w, f, edge };
})();

/** The stream of a seed (a whole number; taken modulo 2³²). */
export function numbers(seed: number): Numbers {
  return stream(mix(0x9e3779b9, seed | 0));
}

function stream(key: number): Numbers {
  // sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, keyed by the hash of the path.
  let a = key | 0;
  let b = mix(key, 1) | 0;
  let c = mix(key, 2) | 0;
  let d = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t;
  };
  for (let i = 0; i < 12; i++) next();

  const uniform = () => (next() >>> 0) / 4294967296;
  const integer = (n: number) => Math.floor(uniform() * n);
  const positive = () => ((next() >>> 0) + 1) / 4294967297;
  const normal = (): number => {
    const { k, w, f, edge } = ziggurat;
    for (;;) {
      const h = next();
      // The layer comes from bits of its own: sharing them with h would correlate size and layer.
      const i = next() & 127;
      const x = h * w[i]!;
      if (Math.abs(h) < k[i]!) return x;
      if (i === 0) {
        let tail: number;
        let y: number;
        do {
          tail = -Math.log(positive()) / edge;
          y = -Math.log(positive());
        } while (y + y < tail * tail);
        return h > 0 ? edge + tail : -edge - tail;
      }
      if (f[i]! + uniform() * (f[i - 1]! - f[i]!) < Math.exp(-0.5 * x * x)) return x;
    }
  };
  return {
    split: (...path) => stream(path.reduce<number>(hash, key)),
    uniform,
    integer,
    normal,
    permutation: (n) => {
      const order = Int32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = integer(i + 1);
        const swap = order[i]!;
        order[i] = order[j]!;
        order[j] = swap;
      }
      return order;
    },
  };
}
