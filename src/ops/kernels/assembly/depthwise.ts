/** Windows over each channel by itself: gradients of depthwise convolutions, and so of average pooling. */

/** Lengths in floats. Written by `depthwise.ts` one folder up, field by field. */
@unmanaged
export class Windows {
  /** [n, h, w, channels]: the input, or its gradient. */
  x: usize;
  /** [n, oh, ow, channels]: the gradient by the output. */
  g: usize;
  /** [tapsY, tapsX, channels]: the filter, or its gradient. */
  filter: usize;
  n: i32;
  h: i32;
  w: i32;
  channels: i32;
  tapsY: i32;
  tapsX: i32;
  stepY: i32;
  stepX: i32;
  /** Zeros above and left of the input. */
  top: i32;
  left: i32;
  oh: i32;
  ow: i32;
}

/** The first window whose taps reach as far as `at`, counted from the first zero of the padding. */
function firstOver(at: i32, taps: i32, step: i32): i32 {
  return at < taps ? 0 : (at - taps) / step + 1;
}

/** x = Σ over the windows that cover a pixel of g ⊙ filter: every pixel is written once, zero where no window lies. */
export function depthwiseInput(job: Windows): void {
  const row = <usize>job.channels * 4;
  let to = job.x;
  for (let line = 0; line < job.n * job.h; line++) {
    const y = (line % job.h) + job.top;
    const images = (line / job.h) * job.oh;
    const lastY = min(job.oh - 1, y / job.stepY);
    for (let column = 0; column < job.w; column++, to += row) {
      const x = column + job.left;
      const firstX = firstOver(x, job.tapsX, job.stepX);
      const lastX = min(job.ow - 1, x / job.stepX);
      let found = false;
      for (let oy = firstOver(y, job.tapsY, job.stepY); oy <= lastY; oy++) {
        for (let ox = firstX; ox <= lastX; ox++) {
          const g = job.g + <usize>((images + oy) * job.ow + ox) * row;
          const filter = job.filter + <usize>((y - oy * job.stepY) * job.tapsX + x - ox * job.stepX) * row;
          if (found) addProduct(g, filter, to, row);
          else product(g, filter, to, row);
          found = true;
        }
      }
      if (!found) memory.fill(to, 0, row);
    }
  }
}

function product(a: usize, b: usize, to: usize, bytes: usize): void {
  let i: usize = 0;
  for (const end = bytes & ~15; i < end; i += 16) v128.store(to + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  for (; i < bytes; i += 4) f32.store(to + i, f32.load(a + i) * f32.load(b + i));
}

function addProduct(a: usize, b: usize, to: usize, bytes: usize): void {
  let i: usize = 0;
  for (const end = bytes & ~15; i < end; i += 16)
    v128.store(to + i, f32x4.add(v128.load(to + i), f32x4.mul(v128.load(a + i), v128.load(b + i))));
  for (; i < bytes; i += 4) f32.store(to + i, f32.load(to + i) + f32.load(a + i) * f32.load(b + i));
}

/** filter = Σ over all windows of x ⊙ g; the sums of each row of windows are formed apart, which keeps rounding errors small. */
export function depthwiseFilter(job: Windows): void {
  const row = <usize>job.channels * 4;
  memory.fill(job.filter, 0, <usize>(job.tapsY * job.tapsX) * row);
  for (let line = 0; line < job.n * job.oh; line++) {
    const top = (line % job.oh) * job.stepY - job.top;
    const image = (line / job.oh) * job.h;
    for (let i = 0; i < job.tapsY; i++) {
      const y = top + i;
      if (<u32>y >= <u32>job.h) continue;
      for (let j = 0; j < job.tapsX; j++) {
        const start = j - job.left;
        // Windows whose column x·stepX + start is from 0 to w − 1.
        const first = start >= 0 ? 0 : (job.stepX - 1 - start) / job.stepX;
        const count = start >= job.w ? 0 : min(job.ow, (job.w - 1 - start) / job.stepX + 1) - first;
        if (count <= 0) continue;
        const x = job.x + <usize>((image + y) * job.w + first * job.stepX + start) * row;
        const g = job.g + <usize>(line * job.ow + first) * row;
        addRow(x, <usize>job.stepX * row, g, count, job.filter + <usize>(i * job.tapsX + j) * row, row);
      }
    }
  }
}

/** to += Σ over `count` pixels of x ⊙ g. */
function addRow(x: usize, step: usize, g: usize, count: i32, to: usize, row: usize): void {
  let c: usize = 0;
  for (const end = row & ~15; c < end; c += 16) {
    let sum = f32x4.splat(0);
    let p = x + c,
      q = g + c;
    for (let i = 0; i < count; i++, p += step, q += row) sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load(q)));
    v128.store(to + c, f32x4.add(v128.load(to + c), sum));
  }
  for (; c < row; c += 4) {
    let sum: f32 = 0;
    let p = x + c,
      q = g + c;
    for (let i = 0; i < count; i++, p += step, q += row) sum += f32.load(p) * f32.load(q);
    f32.store(to + c, f32.load(to + c) + sum);
  }
}
