/**
 * Awaited between the pieces of a long computation, each well below a tenth of a second: the caller lets other work in,
 * or ends the computation by throwing.
 */
export type Breathe = () => Promise<void>;

/** Never pauses. */
export const holdBreath: Breathe = () => Promise.resolve();

/** Numbers that plain loops go through in a few hundredths of a second. */
const piece = 1 << 20;

/** `f` over the rows 0 … n − 1 of a matrix of that many columns, in pieces with a breath before each. */
export async function inPieces(n: number, columns: number, breathe: Breathe, f: (from: number, to: number) => void): Promise<void> {
  const rows = Math.max(1, Math.floor(piece / columns));
  for (let from = 0; from < n; from += rows) {
    await breathe();
    f(from, Math.min(from + rows, n));
  }
}
