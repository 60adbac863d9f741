/** Colours of the panels: ten for classes, and one ramp for densities. Pure functions and tables. */

/**
 * Ten class colours per colour scheme, the same class near the same hue in both. Found by maximizing the smallest OKLab
 * distance between two of them under normal, protanopic, deuteranopic and tritanopic vision (Machado et al. 2009), with
 * a contrast of at least 3 : 1 to the page. Colour never stands alone: class names are drawn on the plot as well.
 */
export const classColors = {
  light: ['#3d4eb9', '#a85b1a', '#3f562a', '#eb6b7a', '#8f63ed', '#522e0e', '#870774', '#656c71', '#bb8d02', '#339ea9'],
  dark: ['#7259e9', '#eb8728', '#92fba1', '#bd485b', '#a8aaf8', '#aa8f75', '#9e4db6', '#cfdfe5', '#ecc060', '#1ea4ba'],
} as const;

export type Scheme = keyof typeof classColors;

/** Colour of a class; labels beyond nine start over. */
export const classColor = (label: number, scheme: Scheme): string => classColors[scheme][label % 10] ?? classColors[scheme][0];

type Rgb = readonly [number, number, number];

/** OKLab lightness, chroma and hue (radians) → linear sRGB, unclipped (Björn Ottosson's OKLab). */
function linearRgb(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

const inGamut = (rgb: Rgb) => rgb.every((v) => v >= 0 && v <= 1);
const toByte = (v: number) => Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));

/**
 * The ramp for densities as 256 RGB triples: OKLab lightness climbs evenly from 0.2 to 0.96, so equal steps of the value
 * look equal, and stays readable in grey; hue runs from violet over teal to yellow, chroma as the screen allows up to 0.15.
 */
export const ramp: Uint8Array = (() => {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const t = i / 255;
    const lightness = 0.2 + 0.76 * t;
    const hue = ((300 - 195 * t) * Math.PI) / 180;
    let low = 0;
    let high = 0.15;
    if (inGamut(linearRgb(lightness, high, hue))) low = high;
    for (let k = 0; k < 20 && high - low > 1e-4; k++) {
      const middle = (low + high) / 2;
      if (inGamut(linearRgb(lightness, middle, hue))) low = middle;
      else high = middle;
    }
    table.set(linearRgb(lightness, low, hue).map(toByte), i * 3);
  }
  return table;
})();

/** The ramp as a CSS gradient, left to right. */
export const rampGradient = `linear-gradient(to right, ${Array.from({ length: 17 }, (_, i) => {
  const at = Math.round((i / 16) * 255) * 3;
  return `rgb(${ramp[at]} ${ramp[at + 1]} ${ramp[at + 2]})`;
}).join(', ')})`;

/**
 * Values as RGBA pixels on the ramp, from `low` to `high` (clamped; NaN counts as low). `values` are rows from the
 * bottom up, `side` long, pixels rows from the top down.
 */
export function heatPixels(values: Float32Array, side: number, low: number, high: number, rows = side): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(side * rows * 4);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < side; column++) {
      const value = values[(rows - 1 - row) * side + column] ?? 0;
      const at = 3 * Math.max(0, Math.min(255, Math.round((value - low) * scale) || 0));
      const to = 4 * (row * side + column);
      out[to] = ramp[at] ?? 0;
      out[to + 1] = ramp[at + 1] ?? 0;
      out[to + 2] = ramp[at + 2] ?? 0;
      out[to + 3] = 255;
    }
  }
  return out;
}

/** log p, with everything more than `depth` nats below the highest drawn as that floor. */
export function logDensity(density: Float32Array, depth = 10): { values: Float32Array; low: number; high: number } {
  let top = 0;
  for (const p of density) if (p > top) top = p;
  const high = top > 0 ? Math.log(top) : 0;
  const low = high - depth;
  return { values: density.map((p) => (p > 0 ? Math.max(low, Math.log(p)) : low)), low, high };
}

/** Blue below zero, orange above, the page's own surface at 0; −1 and 1 are full. Beyond them nothing changes. */
export function weightColor(value: number, scheme: Scheme): string {
  const share = Math.round(25 + 75 * Math.min(1, Math.abs(value)));
  const full = { light: ['#1f5fa8', '#b8480a'], dark: ['#79b4f2', '#f29a55'] }[scheme][value < 0 ? 0 : 1];
  return `color-mix(in srgb, ${full} ${share}%, ${scheme === 'light' ? '#ffffff' : '#1c2024'})`;
}
