import { ActionIcon, Button, Kbd, NativeSelect } from '@mantine/core';
import { useMemo } from 'react';
import type { DatasetInfo } from '../../../src/data/datasets.ts';
import type { RunSpec } from '../../../src/worker/protocol.ts';
import { useRun, useShortcuts } from '../../app/hooks.ts';
import type { Session } from '../../app/run.ts';
import { backendNames, backends, maxSeed } from '../../app/search.ts';
import { Dice, Pause, Play, Restart, StepForward } from '../icons.tsx';
import { NumberField } from '../NumberField.tsx';
import { Tip } from '../Tip.tsx';
import css from './run.module.css';

type Props = {
  readonly session: Session;
  readonly spec: RunSpec;
  readonly data: readonly DatasetInfo[];
  readonly onChange: (change: Partial<Pick<RunSpec, 'seed' | 'data' | 'backend'>>) => void;
};

/** The run's buttons, and what decides it: seed, data set, backend. */
export function Toolbar({ session, spec, data, onChange }: Props) {
  const status = useRun(session, (state) => state.status);
  const started = useRun(session, (state) => state.step > 0);
  const report = useRun(session, (state) => state.ready?.backend ?? null);
  const goesOn = useRun(session, (state) => state.goesOn);
  const running = status === 'running' || goesOn;
  const canStep = status === 'ready' || status === 'paused';
  const canTrain = canStep || status === 'starting';

  const actions = useMemo(() => {
    const is = (...wanted: string[]) => wanted.includes(session.get().status);
    const under = () => is('running') || session.get().goesOn;
    return {
      ' ': () => void (under() ? session.pause() : is('starting', 'ready', 'paused') && session.train()),
      s: () => void (is('ready', 'paused') && session.step()),
      r: () => void (!is('starting') && session.reset()),
    };
  }, [session]);
  useShortcuts(actions);

  return (
    <div className={css.toolbar} role="toolbar" aria-label="Run">
      <div className={css.buttons}>
        <Button
          size="md"
          className={css.train!}
          leftSection={running ? <Pause /> : <Play />}
          disabled={!running && !canTrain}
          onClick={actions[' ']}
          aria-keyshortcuts="Space"
          rightSection={<Kbd className={css.key!}>Space</Kbd>}
        >
          {goesOn ? 'Starting' : running ? 'Pause' : status === 'done' ? 'Done' : started ? 'Resume' : 'Train'}
        </Button>
        <Button
          size="md"
          variant="default"
          px="sm"
          leftSection={<StepForward />}
          disabled={!canStep}
          onClick={actions.s}
          aria-keyshortcuts="S"
          rightSection={<Kbd className={css.key!}>S</Kbd>}
        >
          Step
        </Button>
        <Tip label="Back to step 0; the curve is kept, and you can undo" on="hover">
          <Button
            size="md"
            variant="default"
            px="sm"
            leftSection={<Restart />}
            disabled={status === 'starting'}
            onClick={actions.r}
            aria-keyshortcuts="R"
            rightSection={<Kbd className={css.key!}>R</Kbd>}
          >
            Reset
          </Button>
        </Tip>
      </div>
      <div className={css.fields}>
        <NativeSelect
          label="Data"
          size="sm"
          data={data.map(({ id, name }) => ({ value: id, label: name }))}
          value={spec.data}
          onChange={({ currentTarget }) => onChange({ data: currentTarget.value })}
          w={165}
        />
        <div className={css.seed}>
          <NumberField
            label="Seed"
            size="sm"
            w={92}
            value={spec.seed}
            min={0}
            max={maxSeed}
            integer
            onCommit={(seed) => onChange({ seed })}
          />
          <Tip label="A new seed: other weights, other batches">
            <ActionIcon
              variant="default"
              size={36}
              aria-label="New seed"
              onClick={() => onChange({ seed: crypto.getRandomValues(new Uint16Array(1))[0]! % 10_000 })}
            >
              <Dice />
            </ActionIcon>
          </Tip>
        </div>
        <Tip label={report ? report.reason : 'What computes: the graphics card, or the processor'} delay={500} on="hover">
          <NativeSelect
            label="Backend"
            size="sm"
            data={backends.map((name) => {
              const passedOver = report?.alternatives.find((other) => other.name === name);
              const chosen = name === 'auto' && report && spec.backend === 'auto' ? report.name : null;
              const note = chosen ? backendNames[chosen] : passedOver?.reason;
              return { value: name, label: note ? `${backendNames[name]}: ${note}` : backendNames[name] };
            })}
            value={spec.backend}
            onChange={({ currentTarget }) => onChange({ backend: currentTarget.value as RunSpec['backend'] })}
            w={150}
          />
        </Tip>
      </div>
    </div>
  );
}
