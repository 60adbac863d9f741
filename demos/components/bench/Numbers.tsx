import { Text, Title } from '@mantine/core';
import type { BackendResult, BenchResult, MethodResult } from '../../app/bench-result.ts';
import { cards, catalogue } from '../../app/catalogue.ts';
import { about, integer, measured } from '../../app/format.ts';
import { backendNames } from '../../app/search.ts';
import { BenchChart } from './BenchChart.tsx';
import css from './bench.module.css';

const stateOf = ({ state, rounds, threads, reason }: BackendResult): string => {
  const cores = threads && threads > 1 ? `${threads} threads` : '';
  const count = rounds === 1 ? '1 round' : `${rounds} rounds`;
  const says = {
    absent: reason,
    skipped: 'not measured',
    waiting: 'waiting',
    running: rounds > 0 ? count : 'warming up',
    done: `median of ${count}`,
    stopped: rounds > 0 ? `stopped after ${count}` : 'stopped before the first round',
    failed: `failed: ${reason}`,
  };
  return [cores, says[state]].filter(Boolean).join(', ');
};

type Props = Pick<BenchResult, 'backends' | 'methods'>;

/** What was measured, as bars and as tables. */
export function Numbers({ backends, methods }: Props) {
  const shown = backends.filter(({ state }) => state !== 'absent' && state !== 'skipped');
  const drawn = shown.filter(({ rounds }) => rounds > 0);
  return (
    <div className={css.numbers}>
      <section className={`card ${css.card}`} aria-labelledby="backends">
        <Title order={2} size="h4" id="backends">
          Backends
        </Title>
        {drawn.length > 0 && <BenchChart backends={drawn} />}
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">backend</th>
              <th scope="col">
                bench step <small>ms</small>
              </th>
              <th scope="col">
                bench step <small>GFLOP/s</small>
              </th>
              <th scope="col">
                matMul <small>GFLOP/s</small>
              </th>
            </tr>
          </thead>
          <tbody className="numbers">
            {shown.map((each) => (
              <tr key={each.name} data-failed={each.state === 'failed' || undefined}>
                <th scope="row">
                  {backendNames[each.name]}
                  <span className={css.note}>{stateOf(each)}</span>
                </th>
                <td>{measured(each.stepMs)}</td>
                <td>{measured(each.gflops)}</td>
                <td>{measured(each.matmulGflops)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <Text size="sm" c="dimmed">
          The bench step is one step of SimCLR on 128 images of 32×32 pixels, 15.5 billion operations (GFLOP) forward and backward. matMul,
          one product of two 1024×1024 matrices, is the usual yardstick of what a machine can compute.
        </Text>
      </section>
      {methods.length > 0 && <Methods methods={methods} />}
    </div>
  );
}

function Methods({ methods }: { methods: readonly MethodResult[] }) {
  const title = (all: Readonly<Record<string, { readonly name: string }>>, id: string) => (Object.hasOwn(all, id) ? all[id]!.name : id);
  return (
    <section className={`card ${css.card}`} aria-labelledby="methods">
      <Title order={2} size="h4" id="methods">
        Methods
      </Title>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">method</th>
            <th scope="col">
              step <small>ms</small>
            </th>
            <th scope="col">steps/s</th>
            <th scope="col">whole run, about</th>
          </tr>
        </thead>
        <tbody className="numbers">
          {methods.map(({ method, data, backend, batchSize, steps, msPerStep }) => (
            <tr key={method}>
              <th scope="row">
                {title(cards, method)}
                <span className={css.note}>
                  {title(catalogue.datasets, data)}, batch {integer(batchSize)}, {backend}
                </span>
              </th>
              <td>{measured(msPerStep)}</td>
              <td>{measured(1000 / msPerStep)}</td>
              <td>{about((steps * msPerStep) / 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Text size="sm" c="dimmed">
        Each was trained for two seconds with its default settings on its first data set. What happens between epochs, such as k-means, is
        not in it.
      </Text>
    </section>
  );
}
