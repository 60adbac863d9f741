import { Button, Checkbox, Group, Progress, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { dependencies, version } from '../../package.json';
import { openClient } from '../../src/worker/client.ts';
import { openBench, reasonOf, type Bench as Session } from '../app/bench.ts';
import { type BenchResult, hasNumbers, lastBench, type Rung } from '../app/bench-result.ts';
import { catalogue, type MethodInfo } from '../app/catalogue.ts';
import { dateOf } from '../app/format.ts';
import { dataUrl } from '../app/run.ts';
import { backendNames, readSearch } from '../app/search.ts';
import { rememberSpeed, speeds, workOf } from '../app/speeds.ts';
import { useStore } from '../app/store.ts';
import { useTitle } from '../app/useTitle.ts';
import css from '../components/bench/bench.module.css';
import { Numbers } from '../components/bench/Numbers.tsx';
import { Share } from '../components/bench/Share.tsx';
import { Play, Stop } from '../components/icons.tsx';
import { Busy, Problem } from '../components/Notice.tsx';

const route = getRouteApi('/bench');

/** Measures each method with its defaults, and keeps what came out: the result, and each method's speed for the time that its runs take. */
function open(methods: readonly MethodInfo[]): Session {
  const plans = methods.map((method) => ({ name: method.name, ...readSearch(method, catalogue.datasets, {}) }));
  return openBench({
    connect: openClient,
    dataUrl: dataUrl(),
    methods: plans,
    onEnd: (measured, threads) => {
      const date = new Date().toISOString();
      lastBench.change(() => ({
        format: 'unlabeled-bench-1',
        date,
        lab: version,
        tfjs: dependencies['@tensorflow/tfjs-core'],
        userAgent: navigator.userAgent,
        cores: navigator.hardwareConcurrency,
        crossOriginIsolated,
        ...measured,
      }));
      for (const { method, data, backend, msPerStep } of measured.methods)
        rememberSpeed(workOf(method, data, {}, {}), { name: backend, threads }, { msPerStep, date, by: 'bench' });
    },
  });
}

/** How fast this machine is, on each backend. */
export function Bench() {
  useTitle('Bench');
  const methods = route.useLoaderData();
  const [bench] = useState(() => open(methods));
  const state = useStore(bench);
  const last = useStore(lastBench);
  useEffect(() => {
    void bench.look();
    return bench.stop;
  }, [bench]);

  const running = state.phase === 'running';
  const shown = running || hasNumbers(state) ? state : last;
  return (
    <div className={css.page}>
      <div className={css.head}>
        <Title order={1} size="h2">
          Bench
        </Title>
        <Text>
          How fast this machine trains: a fixed step of SimCLR on each backend, then a moment of each method. It takes about a minute, in a
          background thread; nothing is sent anywhere. Other tabs and programs slow it down.
        </Text>
      </div>
      <Machine bench={bench} />
      {shown ? (
        <Numbers {...shown} />
      ) : (
        <Text className={`card ${css.empty}`}>
          <span>
            Press <strong>Measure</strong>: times and speeds appear here, and the methods’ pages will tell how long a run takes.
          </span>
        </Text>
      )}
      {last && !running && <Kept last={last} bench={bench} />}
      <Text size="sm" c="dimmed" className={css.foot!}>
        What stock TensorFlow.js and PyTorch do on the same machine is not measured here: <code>npm run bench</code> does that, from a copy
        of the project.
      </Text>
    </div>
  );
}

/** What the machine offers, what of it is to be measured, and the button that does it. */
function Machine({ bench }: { bench: Session }) {
  const { phase, report, wanted, backends, doing, share, failure } = useStore(bench);
  const running = phase === 'running';
  const now = backends.find(({ state }) => state === 'running');
  if (failure)
    return (
      <div className={css.machine}>
        <Problem failure={failure}>
          <Button size="xs" onClick={() => void bench.look()}>
            Try again
          </Button>
        </Problem>
      </div>
    );
  return (
    <section className={`card ${css.card} ${css.machine}`} aria-label="This machine">
      <dl className={css.facts}>
        <div>
          <dt>Processor</dt>
          <dd>{navigator.hardwareConcurrency} logical cores</dd>
        </div>
        <div>
          <dt>Cross-origin isolated</dt>
          <dd>{crossOriginIsolated ? 'yes: threads allowed' : 'no: one thread only'}</dd>
        </div>
        <div>
          <dt>The lab chooses</dt>
          <dd>{report ? backendNames[report.name] : '…'}</dd>
        </div>
      </dl>
      {!report ? (
        <Busy label="Looking at what this machine offers…" />
      ) : (
        <fieldset className={css.choices} disabled={running}>
          <legend>Measure</legend>
          {backends.map(({ name }) => (
            <Choice key={name} name={name} bench={bench} />
          ))}
        </fieldset>
      )}
      {report && (
        <Group gap="md">
          {running ? (
            <Button leftSection={<Stop />} variant="default" onClick={bench.stop}>
              Stop
            </Button>
          ) : (
            <Button leftSection={<Play />} disabled={wanted.length === 0} onClick={() => void bench.measure()}>
              Measure
            </Button>
          )}
          <Text size="sm" role="status">
            {running && now ? `${backendNames[now.name]}: ${doing}` : ''}
            {running && !now ? doing : ''}
            {phase === 'stopped' ? 'Stopped; what was measured is below.' : ''}
            {phase === 'done' ? 'Done.' : ''}
          </Text>
        </Group>
      )}
      {running && <Progress value={100 * share} aria-label="Progress of the measurement" />}
    </section>
  );
}

/** A backend to measure or not, and what is known of it. */
function Choice({ name, bench }: { name: Rung; bench: Session }) {
  const { report, wanted } = useStore(bench);
  const chosen = report?.name === name;
  const other = report?.alternatives.find((each) => each.name === name);
  const slow = other?.software ? ' Measuring it takes minutes.' : '';
  return (
    <Checkbox
      label={chosen ? `${backendNames[name]}, the lab’s own choice` : backendNames[name]}
      description={`${report ? reasonOf(report, name) : ''}${slow}`}
      checked={wanted.includes(name)}
      disabled={!chosen && !other?.usable}
      onChange={() => bench.toggle(name)}
    />
  );
}

/** What this device remembers, to be taken along or forgotten. */
function Kept({ last, bench }: { last: BenchResult; bench: Session }) {
  const runs = Object.values(useStore(speeds)).filter(({ by }) => by === 'run').length;
  const forget = () => {
    lastBench.forget();
    speeds.forget();
    bench.clear();
  };
  return (
    <section aria-label="Kept on this device" className={css.kept}>
      <Text size="sm" mb="xs">
        Measured {dateOf(last.date)}. It is kept on this device
        {runs > 0 ? `, with the speed of ${runs === 1 ? 'one run' : `${runs} runs`}` : ''}: a method’s page tells from it how long a run
        will take until the run has a speed of its own.
      </Text>
      <Share result={last} onForget={forget} />
    </section>
  );
}
