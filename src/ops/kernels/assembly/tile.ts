/** The innermost loop of `convolve`. */

/** Pixels of a tile, and channels of a panel: 12 accumulators of 4 floats leave room for their operands in 16 registers. */
export const rows = 6;
export const panel = 8;

export function madd(a: v128, b: v128, sum: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

function put(at: usize, low: v128, high: v128, left: i32, relu: i32): void {
  if (relu) {
    const zero = f32x4.splat(0);
    low = f32x4.pmax(low, zero);
    high = f32x4.pmax(high, zero);
  }
  if (left === panel) {
    v128.store(at, low);
    v128.store(at, high, 16);
    return;
  }
  // A last panel's missing columns belong to the next pixel.
  f32.store(at, f32x4.extract_lane(low, 0));
  if (left > 1) f32.store(at, f32x4.extract_lane(low, 1), 4);
  if (left > 2) f32.store(at, f32x4.extract_lane(low, 2), 8);
  if (left > 3) f32.store(at, f32x4.extract_lane(low, 3), 12);
  if (left > 4) f32.store(at, f32x4.extract_lane(high, 0), 16);
  if (left > 5) f32.store(at, f32x4.extract_lane(high, 1), 20);
  if (left > 6) f32.store(at, f32x4.extract_lane(high, 2), 24);
}

/** out[6 pixels, 8 channels] = activation(Σ over taps and channels of x · filter + bias). */
export function tile(table: usize, taps: i32, channels: i32, filter: usize, bias: usize, shift: usize, left: i32, relu: i32): void {
  const low = v128.load(bias);
  const high = v128.load(bias, 16);
  let l0 = low,
    l1 = low,
    l2 = low,
    l3 = low,
    l4 = low,
    l5 = low;
  let h0 = high,
    h1 = high,
    h2 = high,
    h3 = high,
    h4 = high,
    h5 = high;
  for (let t = 0; t < taps; t++, table += rows * 4) {
    let p0 = load<usize>(table),
      p1 = load<usize>(table, 4),
      p2 = load<usize>(table, 8);
    let p3 = load<usize>(table, 12),
      p4 = load<usize>(table, 16),
      p5 = load<usize>(table, 20);
    const end = p0 + ((<usize>channels) << 2);
    for (const fours = p0 + ((<usize>(channels & ~3)) << 2); p0 < fours; filter += 128) {
      let a: v128;
      let f0 = v128.load(filter),
        f1 = v128.load(filter, 16);
      a = v128.load32_splat(p0);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      f0 = v128.load(filter, 32);
      f1 = v128.load(filter, 48);
      a = v128.load32_splat(p0, 4);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1, 4);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2, 4);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3, 4);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4, 4);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5, 4);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      f0 = v128.load(filter, 64);
      f1 = v128.load(filter, 80);
      a = v128.load32_splat(p0, 8);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1, 8);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2, 8);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3, 8);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4, 8);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5, 8);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      f0 = v128.load(filter, 96);
      f1 = v128.load(filter, 112);
      a = v128.load32_splat(p0, 12);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1, 12);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2, 12);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3, 12);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4, 12);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5, 12);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      p4 += 16;
      p5 += 16;
    }
    for (; p0 < end; filter += 32) {
      const f0 = v128.load(filter),
        f1 = v128.load(filter, 16);
      let a = v128.load32_splat(p0);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      p4 += 4;
      p5 += 4;
    }
  }
  put(load<usize>(table) + shift, l0, h0, left, relu);
  put(load<usize>(table, 4) + shift, l1, h1, left, relu);
  put(load<usize>(table, 8) + shift, l2, h2, left, relu);
  put(load<usize>(table, 12) + shift, l3, h3, left, relu);
  put(load<usize>(table, 16) + shift, l4, h4, left, relu);
  put(load<usize>(table, 20) + shift, l5, h5, left, relu);
}

/** The same for one channel, whose filter lies in one row [taps, channels]: vectors run along the channels of the input. */
export function dots(table: usize, taps: i32, channels: i32, filter: usize, bias: f32, shift: usize, relu: i32): void {
  const zero = f32x4.splat(0);
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  let s4 = zero;
  let s5 = zero;
  const bytes = <usize>channels * 4;
  const whole = bytes & ~15;
  for (let t = 0; t < taps; t++, table += rows * 4, filter += bytes) {
    const p0 = load<usize>(table);
    const p1 = load<usize>(table, 4);
    const p2 = load<usize>(table, 8);
    const p3 = load<usize>(table, 12);
    const p4 = load<usize>(table, 16);
    const p5 = load<usize>(table, 20);
    let k: usize = 0;
    for (; k < whole; k += 16) {
      const f = v128.load(filter + k);
      s0 = madd(v128.load(p0 + k), f, s0);
      s1 = madd(v128.load(p1 + k), f, s1);
      s2 = madd(v128.load(p2 + k), f, s2);
      s3 = madd(v128.load(p3 + k), f, s3);
      s4 = madd(v128.load(p4 + k), f, s4);
      s5 = madd(v128.load(p5 + k), f, s5);
    }
    for (; k < bytes; k += 4) {
      const f = v128.load32_zero(filter + k);
      s0 = madd(v128.load32_zero(p0 + k), f, s0);
      s1 = madd(v128.load32_zero(p1 + k), f, s1);
      s2 = madd(v128.load32_zero(p2 + k), f, s2);
      s3 = madd(v128.load32_zero(p3 + k), f, s3);
      s4 = madd(v128.load32_zero(p4 + k), f, s4);
      s5 = madd(v128.load32_zero(p5 + k), f, s5);
    }
  }
  putOne(load<usize>(table) + shift, s0, bias, relu);
  putOne(load<usize>(table, 4) + shift, s1, bias, relu);
  putOne(load<usize>(table, 8) + shift, s2, bias, relu);
  putOne(load<usize>(table, 12) + shift, s3, bias, relu);
  putOne(load<usize>(table, 16) + shift, s4, bias, relu);
  putOne(load<usize>(table, 20) + shift, s5, bias, relu);
}

function putOne(at: usize, s: v128, bias: f32, relu: i32): void {
  const low = f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1);
  const high = f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3);
  const y = low + high + bias;
  f32.store(at, relu && y < 0 ? 0 : y);
}
