import { memo } from 'react';
import { bucketWidth, type Curve, envelope, lastStep } from '../../app/series.ts';

type Props = { readonly curve: Curve; readonly length: number; readonly metric: string; readonly color?: string };

const width = 120;
const height = 28;

/** A metric's course as one small line, without axes. */
export const Spark = memo(function Spark({ curve, metric, color = 'var(--lab-accent)' }: Props) {
  const slots = envelope(curve, metric, 0.8, bucketWidth(lastStep(curve), 96));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of slots) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? (height - 4) / (high - low) : 0;
  let path = '';
  slots.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const x = (i / Math.max(1, slots.length - 1)) * width;
    path += `${path ? 'L' : 'M'}${x.toFixed(1)} ${(height - 2 - (value - low) * scale).toFixed(1)}`;
  });
  return (
    <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" width="100%" height={height} aria-hidden="true">
      <path d={path} fill="none" stroke={color} strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
    </svg>
  );
});
