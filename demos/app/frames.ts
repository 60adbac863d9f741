/** Frames kept of a run, and points in each. */
export const mostFrames = 24;
export const frameRows = 1000;

/** At most so many of them, in order of their steps: those go whose neighbours stand closest together, so that the rest span the whole run. */
export function thinned<T extends { readonly step: number }>(frames: readonly T[], most: number): T[] {
  const kept = [...frames];
  while (kept.length > Math.max(2, most)) {
    const gap = (i: number) => kept[i + 1]!.step - kept[i - 1]!.step;
    let narrowest = 1;
    for (let i = 2; i < kept.length - 1; i++) if (gap(i) < gap(narrowest)) narrowest = i;
    kept.splice(narrowest, 1);
  }
  return kept;
}
