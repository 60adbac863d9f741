import type { ArtifactKind } from '../../../src/worker/protocol.ts';

/** How tall panels are against most others. */
const heights: Readonly<Partial<Record<ArtifactKind, number>>> = { embedding: 3 };
const heightOf = (kind: ArtifactKind): number => heights[kind] ?? 1;

/**
 * Panels in at most two columns of about the same height, the first one's before the second one's: read down the columns, as the
 * keyboard goes, the order is the one given, and so it is where only one column has room.
 */
export function columnsOf(kinds: readonly ArtifactKind[]): ArtifactKind[][] {
  const total = kinds.reduce((sum, kind) => sum + heightOf(kind), 0);
  const [first, second]: [ArtifactKind[], ArtifactKind[]] = [[], []];
  let above = 0;
  for (const kind of kinds) {
    // In the first one as long as at least half of the panel lies in the upper half.
    (2 * above + heightOf(kind) <= total ? first : second).push(kind);
    above += heightOf(kind);
  }
  return [first, second].filter(({ length }) => length > 0);
}
