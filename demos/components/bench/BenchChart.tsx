import { Bar, BarChart, LabelList, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import type { BackendResult } from '../../app/bench-result.ts';
import { measured } from '../../app/format.ts';
import { backendNames } from '../../app/search.ts';
import css from './bench.module.css';

type Series = { readonly key: 'stepMs' | 'gflops' | 'matmulGflops'; readonly label: string; readonly color: string };
type Props = { readonly backends: readonly BackendResult[] };

const ink = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' };
const number = (value: unknown) => (typeof value === 'number' ? measured(value) : '');

/** Two small charts, as time and speed share no axis: a bar for each backend, its number beside it. */
export function BenchChart({ backends }: Props) {
  return (
    <div className={css.charts}>
      <Bars
        title="ms a step: shorter is better"
        backends={backends}
        series={[{ key: 'stepMs', label: 'bench step', color: 'var(--lab-accent)' }]}
      />
      <Bars
        title="GFLOP/s: longer is better"
        backends={backends}
        series={[
          { key: 'gflops', label: 'bench step', color: 'var(--lab-accent)' },
          { key: 'matmulGflops', label: 'matMul', color: 'var(--lab-warm)' },
        ]}
      />
    </div>
  );
}

function Bars({ title, backends, series }: Props & { readonly title: string; readonly series: readonly Series[] }) {
  const data = backends.map((each) => ({ ...each, name: backendNames[each.name] }));
  const said = data.map((each) => `${each.name}: ${series.map(({ key, label }) => `${label} ${number(each[key])}`).join(', ')}`).join('; ');
  return (
    <figure className={css.figure}>
      <figcaption>
        {title}
        {series.length > 1 && (
          <span className={css.legend}>
            {series.map(({ label, color }) => (
              <span key={label}>
                <i style={{ background: color }} />
                {label}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div role="img" aria-label={`${title}. ${said}`} style={{ height: data.length * (16 + 18 * series.length) }}>
        <ResponsiveContainer width="100%" height="100%" debounce={100}>
          <BarChart data={data} layout="vertical" margin={{ top: 0, right: 56, bottom: 0, left: 0 }} barGap={2} accessibilityLayer={false}>
            <XAxis type="number" hide domain={[0, 'dataMax']} />
            <YAxis type="category" dataKey="name" width={62} axisLine={false} tickLine={false} interval={0} tick={ink} />
            {series.map(({ key, color }) => (
              <Bar key={key} dataKey={key} fill={color} barSize={16} radius={[0, 2, 2, 0]} isAnimationActive={false}>
                <LabelList dataKey={key} position="right" formatter={number} {...ink} />
              </Bar>
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}
