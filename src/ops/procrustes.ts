/**
 * The rotation or reflection with shift that lays points of the plane [x0, y0, x1, …] closest to others of the same rows: minimizes
 * Σᵢ ‖R·(pᵢ − p̄) − (qᵢ − q̄)‖² over orthogonal R, without scaling (Schönemann, Psychometrika 1966; in the plane in closed form).
 * Fitted to the first rows, as many as both have, and applied to all. Returns new points around q̄; the size of the picture stays.
 */
export function aligned(points: Float32Array, to: Float32Array): Float32Array {
  const common = Math.min(points.length, to.length) / 2;
  const middle = (values: Float32Array, axis: number) => {
    let sum = 0;
    for (let i = 0; i < common; i++) sum += values[2 * i + axis]!;
    return common > 0 ? sum / common : 0;
  };
  const [px, py, qx, qy] = [middle(points, 0), middle(points, 1), middle(to, 0), middle(to, 1)];
  // The entries of Σ q·pᵀ, after centring.
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (let i = 0; i < common; i++) {
    const [a, b] = [points[2 * i]! - px, points[2 * i + 1]! - py];
    const [c, d] = [to[2 * i]! - qx, to[2 * i + 1]! - qy];
    xx += c * a;
    xy += c * b;
    yx += d * a;
    yy += d * b;
  }
  // tr(Rᵀ·M) is largest over rotations at the angle of (xx + yy, yx − xy), over reflections at that of (xx − yy, yx + xy).
  const mirror = Math.hypot(xx - yy, yx + xy) > Math.hypot(xx + yy, yx - xy);
  const angle = mirror ? Math.atan2(yx + xy, xx - yy) : Math.atan2(yx - xy, xx + yy);
  const [cos, sin, side] = [Math.cos(angle), Math.sin(angle), mirror ? -1 : 1];
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const [a, b] = [points[i]! - px, points[i + 1]! - py];
    out[i] = qx + cos * a - side * sin * b;
    out[i + 1] = qy + sin * a + side * cos * b;
  }
  return out;
}
