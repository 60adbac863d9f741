/** Solves S_AA z = b for the rows and columns `active` of S by Cholesky; 10⁻¹¹ of each variance keeps it solvable where columns repeat. */
function solveActive(S: Float64Array, d: number, active: readonly number[], b: Float64Array): Float64Array {
  const n = active.length;
  const L = new Float64Array(n * n);
  const z = b.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = S[active[i]! * d + active[j]!]! * (i === j ? 1 + 1e-11 : 1);
      for (let k = 0; k < j; k++) rest -= L[i * n + k]! * L[j * n + k]!;
      L[i * n + j] = i === j ? Math.sqrt(Math.max(rest, Number.MIN_VALUE)) : rest / L[j * n + j]!;
    }
    for (let k = 0; k < i; k++) z[i]! -= L[i * n + k]! * z[k]!;
    z[i]! /= L[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) z[i]! -= L[k * n + i]! * z[k]!;
    z[i]! /= L[i * n + i]!;
  }
  return z;
}

/**
 * The lasso of column j on the others, argmin_w ½ wᵀSw − S_j·w + λ‖w‖₁ with w = 0 where `barred` is 1 and at j, from a covariance S
 * [d × d] alone: exact but for rounding. Active set with signs (feature-sign search: Lee, Battle, Raina & Ng 2006): solve as if the signs
 * were known, stop where a weight would change its sign and let it go, take in the weight that pulls hardest. `start` only saves time.
 */
export function lasso(S: Float64Array, sparsity: number, j: number, barred: Uint8Array, start: Float64Array): Float64Array {
  const d = start.length;
  const open = Array.from(start, (_, i) => i).filter((i) => i !== j && !barred[i] && S[i * d + i]! > 0);
  const w = new Float64Array(d);
  for (const i of open) w[i] = start[i]!;
  let active = open.filter((i) => w[i]);
  const sign = Float64Array.from(w, Math.sign);
  // Each round ends at a lower score; the limit is for rounding alone.
  for (let round = 0; round < 20 * d; round++) {
    const wanted = solveActive(
      S,
      d,
      active,
      Float64Array.from(active, (i) => S[j * d + i]! - sparsity * sign[i]!),
    );
    let reach = 1;
    let stopped = -1;
    for (const [k, i] of active.entries()) {
      if (sparsity === 0 || wanted[k]! * sign[i]! > 0) continue;
      const until = w[i]! / (w[i]! - wanted[k]!);
      if (until < reach || stopped < 0) [reach, stopped] = [Math.min(1, until), i];
    }
    for (const [k, i] of active.entries()) w[i]! += reach * (wanted[k]! - w[i]!);
    if (stopped >= 0) {
      w[stopped] = 0;
      sign[stopped] = 0;
      active = active.filter((i) => i !== stopped);
      continue;
    }
    let strongest = 0;
    let next = -1;
    for (const i of open) {
      if (sign[i]) continue;
      let slope = S[j * d + i]!;
      for (const k of active) slope -= S[k * d + i]! * w[k]!;
      if (Math.abs(slope) > Math.abs(strongest)) [strongest, next] = [slope, i];
    }
    if (Math.abs(strongest) <= sparsity + 1e-10) break;
    sign[next] = Math.sign(strongest);
    active.push(next);
  }
  return w;
}
