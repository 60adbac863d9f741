import { Button, Group, Progress, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { version } from '../../../package.json';
import type { Verdict } from '../../../src/train/verify.ts';
import { openClient } from '../../../src/worker/client.ts';
import type { Failure } from '../../../src/worker/protocol.ts';
import { integer } from '../../app/format.ts';
import type { Entry, Library } from '../../app/library/library.ts';
import { dataUrl, failureOf } from '../../app/run.ts';
import css from './runs.module.css';

type State =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running'; readonly step: number; readonly steps: number }
  | { readonly phase: 'done'; readonly verdict: Verdict }
  | { readonly phase: 'failed'; readonly failure: Failure };

/** Trains the run again, here, from its settings and its seed, and tells whether the curves agree. */
export function Verify({ shelf, run }: { shelf: Library; run: Entry }) {
  const [state, setState] = useState<State>({ phase: 'idle' });
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const verify = async () => {
    const controller = new AbortController();
    stop.current = controller;
    setState({ phase: 'running', step: 0, steps: run.step });
    const client = openClient();
    try {
      const [{ verifyRun }, kept] = await Promise.all([import('../../../src/worker/verify.ts'), shelf.load(run.id)]);
      if (!kept) throw new Error('The run is no longer here');
      const verdict = await verifyRun(client, kept, {
        dataUrl: dataUrl(),
        lab: version,
        signal: controller.signal,
        onProgress: ({ step, steps }) => setState({ phase: 'running', step, steps }),
      });
      setState({ phase: 'done', verdict });
    } catch (error) {
      setState({ phase: 'failed', failure: failureOf(error) });
    } finally {
      client.close();
    }
  };
  if (state.phase === 'running')
    return (
      <Group gap="sm" mt="sm" role="status">
        <Progress w={160} value={state.steps > 0 ? (100 * state.step) / state.steps : 0} aria-label="Progress of the replay" />
        <Text size="sm">
          training it again: step {integer(state.step)} of {integer(state.steps)}
        </Text>
        <Button size="compact-sm" variant="default" onClick={() => stop.current?.abort()}>
          Stop
        </Button>
      </Group>
    );
  return (
    <div className={css.verify}>
      <Group gap="sm">
        <Button size="compact-sm" variant="default" disabled={run.step === 0} onClick={() => void verify()}>
          {state.phase === 'idle' ? 'Verify' : 'Verify again'}
        </Button>
        {state.phase === 'idle' && (
          <Text size="sm" c="dimmed">
            trains this run again on this device, from its settings and seed, and compares every step with the kept curve
          </Text>
        )}
      </Group>
      {state.phase === 'done' && (
        <Text size="sm" role="status" data-outcome={state.verdict.outcome}>
          {state.verdict.words}
        </Text>
      )}
      {state.phase === 'failed' && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {state.failure.message} {state.failure.advice}
        </Text>
      )}
    </div>
  );
}
