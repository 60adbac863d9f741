/** Writes the text of a recording: the other side of `parseRecording`. */
import { gzipSync } from 'node:zlib';
import { type PackedArray, parseRecording, type Recording } from '../src/train/recording.ts';

/** The first three bytes of float32, rounded to the nearest, first bytes first. */
function f24(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  const out = new Uint8Array(3 * values.length);
  values.forEach((value, i) => {
    view.setFloat32(0, value);
    // Half of what falls away; a NaN has nothing to round, and must not become an infinity.
    const bits = Number.isNaN(value) ? 0x7fc00000 : Math.min(view.getUint32(0) + 0x80, 0xffffffff);
    for (let plane = 0; plane < 3; plane++) out[plane * values.length + i] = (bits >>> (24 - 8 * plane)) & 255;
  });
  return out;
}

/** An array of a picture may have so many numbers before it must do with a byte for each: the weights of a graph of 22 nodes. */
const few = 500;

/**
 * A recording as text. Curves, and pictures of few numbers, keep 24 bits a number, so that a 0 stays one; long arrays of pictures one
 * byte, between their smallest and largest;
 * the same array twice (labels, originals) is stored once. Reads it back, so throws whatever `parseRecording` finds wrong.
 */
export function packRecording({ runs, moments, ...head }: Recording): string {
  const parts: Uint8Array[] = [];
  const known = new Map<string, number>();
  let size = 0;
  const place = (bytes: Uint8Array): number => {
    const key = Buffer.from(bytes).toString('base64');
    const at = known.get(key);
    if (at !== undefined) return at;
    known.set(key, size);
    parts.push(bytes);
    size += bytes.length;
    return size - bytes.length;
  };
  const fine = (values: Float32Array): PackedArray => ({ $: 'f24', at: place(f24(values)), length: values.length });
  const coarse = (values: Float32Array): PackedArray => {
    const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const bytes = Uint8Array.from(values, (value) => (high > low ? Math.round((255 * (value - low)) / (high - low)) : 0));
    return { $: 'q8', at: place(bytes), length: values.length, low, high };
  };
  const ofPicture = (values: Float32Array): PackedArray => {
    if (!values.length || !values.every(Number.isFinite)) throw new Error('A picture of a recording needs finite numbers, and some');
    return values.length > few ? coarse(values) : fine(values);
  };
  const pack = (node: unknown): unknown => {
    if (node instanceof Uint8Array) return { $: 'u8', at: place(node), length: node.length };
    if (node instanceof Float32Array) return ofPicture(node);
    if (Array.isArray(node)) return node.map(pack);
    if (typeof node !== 'object' || !node) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, pack(value)]));
  };
  const packed = {
    ...head,
    runs: runs.map(({ columns, ...run }) => ({
      ...run,
      columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, fine(values)])),
    })),
    moments: pack(moments),
  };
  const text = JSON.stringify({ ...packed, bytes: gzipSync(Buffer.concat(parts), { level: 9 }).toString('base64') });
  parseRecording(text, 'The new recording');
  return `${text}\n`;
}
