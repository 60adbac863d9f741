/** When the projections of a run count as collapsed, and in which words. Nothing here computes: pages read it too. */

/**
 * Spread: √d × the mean standard deviation of normalized projections, 1 over the sphere, 0 in one point. Rank: the effective number of
 * principal directions by the number of dimensions. Seen in 300 steps of the defaults on MNIST and CIFAR-10, two seeds: spread at least
 * 0.96 (SimCLR) and 0.81 (BYOL), rank at least 0.41 and 0.30; BYOL without predictor and stop-gradient: spread below 0.07 from step 25 on.
 */
export const collapseBelow = { spread: 0.1, rank: 0.1 } as const;

export type CollapseKind = 'complete' | 'dimensional';

/** What the numbers say, or null where there is nothing to warn of (NaN: not measured). */
export function collapseIn(spread: number, rank: number): CollapseKind | null {
  if (spread < collapseBelow.spread) return 'complete';
  return rank < collapseBelow.rank ? 'dimensional' : null;
}

export const collapseWords: Readonly<Record<CollapseKind, { readonly title: string; readonly text: string }>> = {
  complete: {
    title: 'Collapsed',
    text: 'Almost every image has the same projection: the loss is low, yet nothing is learned. What keeps the projections apart (negatives, a predictor, a stop-gradient) is missing or too weak.',
  },
  dimensional: {
    title: 'Collapsed in most dimensions',
    text: 'The projections differ, but only along a few directions: most dimensions say the same or nothing.',
  },
};
