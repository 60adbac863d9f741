import { Link, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { phaseOf, useProgress } from '../../app/experiment/hooks.ts';
import { queue, resume } from '../../app/experiment/index.ts';
import type { Experiment } from '../../app/experiment/record.ts';
import { about } from '../../app/format.ts';
import { useStore } from '../../app/store.ts';
import css from './experiment.module.css';

/** What this tab trains in the background, in the header of every page. */
export function QueueChip() {
  const { experiment } = useStore(queue);
  useEffect(() => void resume().catch(() => {}), []);
  return experiment && <Chip experiment={experiment} />;
}

function Chip({ experiment }: { experiment: Experiment }) {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const { count, left } = useProgress(experiment);
  const phase = phaseOf(experiment, useStore(queue), false);
  const { id, name } = experiment;
  if (path === `/experiment/${id}`) return null;
  const says =
    phase === 'training' ? `${count}${left === null ? '' : `, ${about(left)} left`}` : phase === 'over' ? 'done' : `paused at ${count}`;
  return (
    <Link
      to="/experiment/$id"
      params={{ id }}
      className={css.chip}
      data-training={phase === 'training' || undefined}
      title={
        phase === 'training'
          ? 'This experiment trains in the background of this tab. What you train meanwhile is slower, and so is it.'
          : name
      }
    >
      <i aria-hidden="true" />
      <span className={css.chipName}>{name}</span>
      <span className="numbers">{says}</span>
    </Link>
  );
}
