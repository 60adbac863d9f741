import { useWidth } from './canvas.ts';
import { ticks } from './geometry.ts';
import styles from './panels.module.css';
import { fixed } from './words.ts';

/** What the axis spans at least: where bridges add nothing yet, they should look like nothing. */
const leastNats = 4;
const [HEIGHT, LEFT, BELOW, TOP] = [220, 40, 36, 8];
export const total = (nats: ArrayLike<number>) => Array.from(nats).reduce((sum, v) => sum + v, 0);
/** 0, then the sums of the first one, two, … */
const sums = (nats: Float32Array): number[] => Array.from({ length: nats.length + 1 }, (_, k) => total(nats.subarray(0, k)));

type StackProps = {
  /** Null where nobody knows it. */
  readonly truth: Float32Array | null;
  readonly estimate: Float32Array;
  readonly ceilings: readonly { readonly nats: number; readonly dash: string }[];
  readonly chosen: number;
  readonly onChoose: (bridge: number) => void;
};

/** The nats that each bridge adds, stacked up to their sum, with the truth where it is known. A pointer chooses a bridge. */
export function BridgeStack({ truth, estimate, ceilings, chosen, onChoose }: StackProps) {
  const { ref, width } = useWidth();
  const [found, right] = [sums(estimate), truth ? sums(truth) : []];
  const high = 1.06 * Math.max(leastNats, ...found, ...right, ...ceilings.map(({ nats }) => nats));
  const low = Math.min(0, ...found);
  const y = (nats: number) => TOP + (HEIGHT - TOP) * ((high - nats) / (high - low));
  const pitch = Math.min(120, Math.max(1, width - LEFT) / estimate.length);
  const gap = Math.min(4, 0.1 * pitch);
  const every = Math.ceil(20 / Math.max(1, pitch));
  const told = Array.from(estimate, (nats, k) => `bridge ${k + 1} ${fixed(nats)}${truth ? ` of ${fixed(truth[k]!)}` : ''}`).join(', ');
  const all = `${fixed(found.at(-1)!)}${truth ? ` of ${fixed(right.at(-1)!)}` : ''}`;
  return (
    <div ref={ref} className={styles.fill}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT + BELOW}
          role="img"
          aria-label={`Nats that each bridge adds, estimated${truth ? ' of true' : ''}: ${told}; together ${all}.`}
          fill="currentColor"
          fontSize={11}
        >
          {ticks(low, high, 5).map((nats) => (
            <g key={nats}>
              <line x1={LEFT} x2={width} y1={y(nats)} y2={y(nats)} stroke="currentColor" opacity={0.15} />
              <text x={LEFT - 6} y={y(nats)} textAnchor="end" dominantBaseline="middle">
                {fixed(nats, 0)}
              </text>
            </g>
          ))}
          {Array.from(estimate, (_, k) => {
            const [x, from, to] = [LEFT + k * pitch + gap, found[k]!, found[k + 1]!];
            return (
              <g key={k} onPointerDown={() => onChoose(k + 1 === chosen ? 0 : k + 1)} opacity={chosen === 0 || chosen === k + 1 ? 1 : 0.4}>
                <rect x={x - gap} y={0} width={pitch} height={HEIGHT + BELOW} fill="transparent" />
                <rect
                  x={x}
                  y={y(Math.max(from, to))}
                  width={pitch - 2 * gap}
                  height={Math.max(1, Math.abs(y(from) - y(to)))}
                  fill="var(--lab-accent)"
                />
                {truth && (
                  <line
                    x1={x - gap}
                    x2={x + pitch - gap}
                    y1={y(right[k + 1]!)}
                    y2={y(right[k + 1]!)}
                    stroke="var(--lab-warm)"
                    strokeWidth={3}
                  />
                )}
                {k % every === 0 && (
                  <text x={x - gap + pitch / 2} y={HEIGHT + 14} textAnchor="middle">
                    {k + 1}
                  </text>
                )}
              </g>
            );
          })}
          {ceilings.map(({ nats, dash }) => (
            <line
              key={dash}
              x1={LEFT}
              x2={width}
              y1={y(nats)}
              y2={y(nats)}
              stroke="currentColor"
              strokeWidth={1.5}
              strokeDasharray={dash}
            />
          ))}
          <text x={LEFT} y={HEIGHT + 30}>
            bridge, from the data to the noise
          </text>
          <text x={width} y={HEIGHT + 30} textAnchor="end">
            nats so far
          </text>
        </svg>
      )}
    </div>
  );
}
