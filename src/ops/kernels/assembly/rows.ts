/** Copies and sums by rows of floats. */

/** Rows of `width` floats, each with `left` zeros before and `right` behind. */
export function pad(from: usize, to: usize, rows: i32, width: i32, left: i32, right: i32): void {
  for (let r = 0; r < rows; r++) {
    memory.fill(to, 0, left * 4);
    to += left * 4;
    memory.copy(to, from, width * 4);
    from += width * 4;
    to += width * 4;
    memory.fill(to, 0, right * 4);
    to += right * 4;
  }
}

/** Adds `parts` arrays of `count` floats, one after another, into the first. */
export function addParts(sums: usize, count: i32, parts: i32): void {
  const bytes = <usize>count * 4;
  for (let part = 1; part < parts; part++) {
    const from = sums + part * bytes;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(sums + i, f32x4.add(v128.load(sums + i), v128.load(from + i)));
    for (; i < bytes; i += 4) f32.store(sums + i, f32.load(sums + i) + f32.load(from + i));
  }
}

/** `rows` pieces of `width` floats, `fromStep` and `toStep` floats apart. */
export function copyRows(from: usize, to: usize, rows: i32, width: i32, fromStep: i32, toStep: i32): void {
  const bytes = <usize>width * 4;
  for (let r = 0; r < rows; r++, from += <usize>fromStep * 4, to += <usize>toStep * 4) {
    // Calling `memory.copy` costs as much as a few vectors.
    if (bytes > 256) {
      memory.copy(to, from, bytes);
      continue;
    }
    let i: usize = 0;
    for (const end = bytes & ~15; i < end; i += 16) v128.store(to + i, v128.load(from + i));
    for (; i < bytes; i += 4) f32.store(to + i, f32.load(from + i));
  }
}

/**
 * sums[column] = Σ over rows. Blocks of 32 rows are summed apart and their sums added with Kahan's correction, kept in `lost`: the
 * rounding error does not grow with the number of rows.
 */
export function columnSums(from: usize, sums: usize, lost: usize, rows: i32, columns: i32): void {
  memory.fill(sums, 0, columns * 4);
  memory.fill(lost, 0, columns * 4);
  const step = <usize>columns * 4;
  for (let first = 0; first < rows; first += 32) {
    const count = min(32, rows - first);
    const top = from + <usize>first * step;
    let c: usize = 0;
    for (const end = step & ~15; c < end; c += 16) {
      let sum = f32x4.splat(0);
      let at = top + c;
      for (let r = 0; r < count; r++, at += step) sum = f32x4.add(sum, v128.load(at));
      const term = f32x4.sub(sum, v128.load(lost + c));
      const old = v128.load(sums + c);
      const total = f32x4.add(old, term);
      v128.store(lost + c, f32x4.sub(f32x4.sub(total, old), term));
      v128.store(sums + c, total);
    }
    for (; c < step; c += 4) {
      let sum: f32 = 0;
      let at = top + c;
      for (let r = 0; r < count; r++, at += step) sum += f32.load(at);
      const term = sum - f32.load(lost + c);
      const old = f32.load(sums + c);
      const total = old + term;
      f32.store(lost + c, total - old - term);
      f32.store(sums + c, total);
    }
  }
}

/** out = g where y > 0, else 0: what ReLU lets through to its input. */
export function reluGradient(g: usize, y: usize, out: usize, count: i32): void {
  const zero = f32x4.splat(0);
  let i: usize = 0;
  for (const end = <usize>(count & ~3) * 4; i < end; i += 16) {
    v128.store(out + i, v128.and(v128.load(g + i), f32x4.gt(v128.load(y + i), zero)));
  }
  for (const end = <usize>count * 4; i < end; i += 4) f32.store(out + i, f32.load(y + i) > 0 ? f32.load(g + i) : 0);
}

/** [rows, columns] turned into [columns, rows]. */
export function transpose(from: usize, to: usize, rows: i32, columns: i32): void {
  const row = <usize>columns * 4;
  const column = <usize>rows * 4;
  for (let r = 0; r < rows; r += 4) {
    for (let c = 0; c < columns; c += 4) {
      const p = from + <usize>r * row + <usize>c * 4;
      const q = to + <usize>c * column + <usize>r * 4;
      if (r + 4 <= rows && c + 4 <= columns) turn(p, row, q, column);
      else
        for (let i = 0; i < min(4, rows - r); i++)
          for (let j = 0; j < min(4, columns - c); j++) f32.store(q + <usize>j * column + i * 4, f32.load(p + <usize>i * row + j * 4));
    }
  }
}

/** Four rows of four floats, `step` bytes apart, to four columns, `gap` bytes apart. */
export function turn(p: usize, step: usize, q: usize, gap: usize): void {
  const a = v128.load(p);
  const b = v128.load(p + step);
  const c = v128.load(p + 2 * step);
  const d = v128.load(p + 3 * step);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(q, v128.shuffle<i32>(ab, cd, 0, 1, 4, 5));
  v128.store(q + gap, v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
  v128.store(q + 2 * gap, v128.shuffle<i32>(ef, gh, 0, 1, 4, 5));
  v128.store(q + 3 * gap, v128.shuffle<i32>(ef, gh, 2, 3, 6, 7));
}

/** One step of Adam over `count` floats (see `src/ops/adam.ts`); the results are new arrays. */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  newP: usize,
  newM: usize,
  newV: usize,
  count: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
  keep: f32,
): void {
  const vectors = count & ~3;
  for (let i: usize = 0, end = <usize>vectors * 4; i < end; i += 16) {
    const gi = v128.load(g + i);
    const mean = f32x4.add(f32x4.mul(f32x4.splat(beta1), v128.load(m + i)), f32x4.mul(f32x4.splat(rest1), gi));
    const square = f32x4.add(f32x4.mul(f32x4.splat(beta2), v128.load(v + i)), f32x4.mul(f32x4.splat(rest2), f32x4.mul(gi, gi)));
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(square, f32x4.splat(correction))), f32x4.splat(epsilon));
    const move = f32x4.div(f32x4.mul(f32x4.splat(rate), mean), root);
    v128.store(newM + i, mean);
    v128.store(newV + i, square);
    v128.store(newP + i, f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(p + i)), move));
  }
  for (let i = <usize>vectors * 4, end = <usize>count * 4; i < end; i += 4) {
    const gi = f32.load(g + i);
    const mean = beta1 * f32.load(m + i) + rest1 * gi;
    const square = beta2 * f32.load(v + i) + rest2 * (gi * gi);
    f32.store(newM + i, mean);
    f32.store(newV + i, square);
    f32.store(newP + i, keep * f32.load(p + i) - (rate * mean) / (sqrt<f32>(square * correction) + epsilon));
  }
}
