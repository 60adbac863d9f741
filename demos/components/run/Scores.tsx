import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { Suspense } from 'react';
import { about, integer } from '../../app/format.ts';
import { useRun } from '../../app/hooks.ts';
import { later } from '../../app/later.ts';
import type { Session } from '../../app/run.ts';
import { Busy } from '../Notice.tsx';
import css from './Scores.module.css';

const ScoreList = later(() => import('./ScoreList.tsx').then((module) => module.ScoreList));

const intervals = [0, 50, 100, 250, 500, 1000];

/** Scores on held-out data, or against the truth that was drawn, beside what no training at all would give. */
export function Scores({ session, simulated }: { readonly session: Session; readonly simulated: boolean }) {
  const result = useRun(session, (state) => state.scores);
  const evaluating = useRun(session, (state) => state.evaluating);
  const outdated = useRun(session, ({ scores, step }) => scores !== null && scores.step !== step);
  const status = useRun(session, (state) => state.status);
  const scored = useRun(session, (state) => state.ready?.scored ?? true);
  const every = useRun(session, (state) => state.scoring.every);
  const on = simulated ? 'against the truth that was drawn' : 'on held-out data';
  return (
    <section className={`card ${css.card}`} aria-labelledby="scores">
      <div className={css.head}>
        <div>
          <Title order={2} size="h4" id="scores">
            Scores
          </Title>
          <Text size="xs" c="dimmed">
            {result
              ? `${on}, after step ${integer(result.step)}${outdated ? '; the run has gone on since' : ''}`
              : `${on}; taken by themselves at the end of a run`}
            {result?.seconds !== undefined && `. Measuring took ${about(result.seconds)}`}
          </Text>
        </div>
        {scored && (
          <Group gap="xs" align="end" wrap="wrap">
            <NativeSelect
              size="xs"
              label="While training"
              value={every}
              data={intervals.map((steps) => ({
                value: String(steps),
                label: steps ? `every ${integer(steps)} steps` : 'only at the end',
              }))}
              onChange={({ currentTarget }) => void session.score({ every: Number(currentTarget.value) })}
            />
            <Button
              size="xs"
              variant="default"
              flex="none"
              loading={evaluating}
              disabled={status === 'starting' || status === 'failed'}
              onClick={() => void session.evaluate()}
            >
              Evaluate now
            </Button>
          </Group>
        )}
      </div>
      {result ? (
        <Suspense fallback={<Busy label="Loading the scores…" />}>
          <ScoreList session={session} />
        </Suspense>
      ) : (
        <Text size="sm" c="dimmed">
          {!scored
            ? 'This method has no scores.'
            : evaluating
              ? 'Measuring. It takes up to a minute; the run can go on meanwhile.'
              : 'No scores yet.'}
        </Text>
      )}
    </section>
  );
}
