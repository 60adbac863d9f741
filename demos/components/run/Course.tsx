const [width, height] = [44, 18];

/** A score's course over the evaluations so far, without axes: the table beside it has the numbers. */
export function Course({ values }: { readonly values: readonly number[] }) {
  const known = values.filter(Number.isFinite);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const points = values.flatMap((value, i) => {
    if (!Number.isFinite(value)) return [];
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return [{ x: 2 + (i / (values.length - 1)) * (width - 4), y: height - 3 - share * (height - 6) }];
  });
  const last = points.at(-1)!;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      <polyline
        points={points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
        fill="none"
        stroke="var(--lab-accent)"
        strokeWidth={1.5}
      />
      <circle cx={last.x} cy={last.y} r={2} fill="var(--lab-accent)" />
    </svg>
  );
}
