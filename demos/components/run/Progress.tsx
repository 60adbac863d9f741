import { Anchor, Progress as Bar, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { RunSpec } from '../../../src/worker/protocol.ts';
import { about, duration, integer, short } from '../../app/format.ts';
import { useRun } from '../../app/hooks.ts';
import type { Session } from '../../app/run.ts';
import { speedOf, speeds } from '../../app/speeds.ts';
import { useStore } from '../../app/store.ts';
import css from './run.module.css';

const says = {
  starting: 'Preparing',
  ready: 'Ready',
  running: 'Training',
  paused: 'Paused',
  done: 'Done',
  failed: 'Stopped',
} as const;

type Props = {
  readonly session: Session;
  readonly spec: RunSpec;
  readonly unit: string;
  /** The name of the work under which its speed is remembered. */
  readonly work: string;
};

/** Where the run is, how fast, how long it still takes, and on what. Until the run has a speed, an earlier one of this device serves. */
export function Progress({ session, spec, unit, work }: Props) {
  const status = useRun(session, (state) => state.status);
  const step = useRun(session, (state) => state.step);
  const speed = useRun(session, (state) => state.stepsPerSecond);
  const ready = useRun(session, (state) => state.ready);
  const loading = useRun(session, (state) => state.loading);
  const total = ready?.steps ?? Number(spec.settings.steps ?? 0);
  const starting = status === 'starting';
  const share = starting ? (loading && loading.total > 0 ? loading.done / loading.total : 0) : total > 0 ? step / total : 0;
  const remembered = useStore(speeds);
  const earlier = ready && speed === 0 && step < total ? speedOf(remembered, work, ready.backend) : null;
  const batch = Number(spec.settings.batchSize ?? Number.NaN);
  return (
    <div className={css.status}>
      <Bar
        value={100 * share}
        size="md"
        striped={starting}
        animated={starting}
        color={starting ? 'gray' : 'petrol'}
        aria-label="Progress of the run"
      />
      <div className={`${css.facts} numbers`}>
        <Text component="span" size="sm" role="status" c="var(--mantine-color-text)" fw={600}>
          {says[status]}
          {starting && loading ? `: ${loading.what}` : ''}
        </Text>
        {!starting && (
          <span>
            step <strong>{integer(step)}</strong> of {integer(total)}
          </span>
        )}
        {status === 'running' && speed > 0 && <span>{duration((total - step) / speed)} left</span>}
        {earlier && !starting && status !== 'failed' && (
          <span>
            about {about(((total - step) * earlier.msPerStep) / 1000)} by{' '}
            {earlier.by === 'run' ? (
              'your last run'
            ) : (
              <Anchor component={Link} to="/bench" inherit underline="always">
                your measurement
              </Anchor>
            )}
          </span>
        )}
        {step > 0 && speed > 0 && (
          <>
            <span>{short(Number(speed.toPrecision(3)))} steps/s</span>
            {Number.isFinite(batch) && (
              <span>
                {integer(speed * batch)} {unit}/s
              </span>
            )}
          </>
        )}
        {ready && (
          <>
            {ready.parameters > 0 && <span>{integer(ready.parameters)} parameters</span>}
            <span title={ready.backend.reason}>
              on {ready.backend.name}
              {ready.backend.threads > 1 ? `, ${ready.backend.threads} threads` : ''}
            </span>
          </>
        )}
      </div>
    </div>
  );
}
