/** The points at a fractional layer: frames blended linearly, for a picture that moves smoothly. */
export function between(frames: readonly Float32Array[], at: number): Float32Array {
  const last = frames.length - 1;
  const place = Math.max(0, Math.min(last, at));
  const k = Math.floor(place);
  const from = frames[k] ?? new Float32Array();
  const to = frames[Math.min(last, k + 1)] ?? from;
  const share = place - k;
  return share === 0 ? from : from.map((v, i) => v + share * ((to[i] ?? v) - v));
}

/** Half the width of a square that shows the data's own square and 98 % of the coordinates of every frame. */
export function gridReach(frames: readonly Float32Array[], extent: number): number {
  let reach = extent;
  for (const frame of frames) {
    const sizes = frame.map(Math.abs).sort();
    reach = Math.max(reach, sizes[Math.floor(0.98 * (sizes.length - 1))] ?? 0);
  }
  return Number.isFinite(reach) ? Math.min(reach * 1.05, 3 * extent) : extent;
}
