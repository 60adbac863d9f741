import { ActionIcon, Anchor, Checkbox, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { memo, useState } from 'react';
import { dateOf, duration, integer } from '../../app/format.ts';
import type { Entry, Library, Marks } from '../../app/library/library.ts';
import { changedOf, dataName, headline, methodName, stateNames, stateOf, titleOf } from '../../app/runs.ts';
import { runColors } from '../../app/theme.ts';
import { ChevronDown, Star } from '../list-icons.tsx';
import { Details } from './Details.tsx';
import css from './runs.module.css';

type Props = {
  readonly shelf: Library;
  readonly runs: readonly Entry[];
  readonly open: ReadonlySet<string>;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (ids: readonly string[], on: boolean) => void;
  readonly onMark: (id: string, marks: Partial<Marks>) => void;
};

/** The list: one row a run, its details below it on demand. On narrow screens each row is a small card. */
export function RunTable({ shelf, runs, open, chosen, onChoose, onMark }: Props) {
  const all = runs.map(({ id }) => id);
  const count = all.filter((id) => chosen.has(id)).length;
  return (
    <div className={`card ${css.sheet}`}>
      <table className={`${css.table} numbers`}>
        <thead>
          <tr>
            <th scope="col" className={css.tick}>
              <Checkbox
                size="xs"
                aria-label="Choose all runs shown"
                checked={count === all.length}
                indeterminate={count > 0 && count < all.length}
                onChange={({ currentTarget }) => onChoose(all, currentTarget.checked)}
              />
            </th>
            <th scope="col">Run</th>
            <th scope="col">Settings</th>
            <th scope="col">State</th>
            <th scope="col">Score</th>
            <th scope="col">Trained</th>
            <th scope="col">Begun</th>
            <th scope="col">
              <span className="unseen">Details</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow
              key={run.id}
              shelf={shelf}
              run={run}
              state={stateOf(run, open)}
              chosen={chosen.has(run.id)}
              onChoose={onChoose}
              onMark={onMark}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type RowProps = Pick<Props, 'shelf' | 'onChoose' | 'onMark'> & {
  readonly run: Entry;
  readonly state: ReturnType<typeof stateOf>;
  readonly chosen: boolean;
};

const RunRow = memo(function RunRow({ shelf, run, state, chosen, onChoose, onMark }: RowProps) {
  const [expanded, setExpanded] = useState(false);
  const { id, spec, step, seconds, name, starred, color } = run;
  const title = titleOf(run);
  const score = headline(run);
  const steps = Number(spec.settings.steps);
  const settings = Object.entries(changedOf(run)).filter(([key]) => key !== 'steps');
  return (
    <>
      <tr data-chosen={chosen || undefined}>
        <td className={css.tick}>
          <Checkbox
            size="xs"
            aria-label={`Choose ${title}`}
            checked={chosen}
            onChange={({ currentTarget }) => onChoose([id], currentTarget.checked)}
          />
        </td>
        <th scope="row" className={css.name}>
          <span className={css.title}>
            <ActionIcon
              size="sm"
              variant="subtle"
              color={starred ? 'yellow' : 'gray'}
              aria-label={starred ? `Take the star off ${title}` : `Star ${title}`}
              aria-pressed={starred}
              onClick={() => onMark(id, { starred: !starred })}
            >
              <Star size={15} filled={starred} />
            </ActionIcon>
            {color !== null && <i style={{ background: runColors[color % runColors.length] }} />}
            <Anchor renderRoot={(props) => <Link {...props} to="/method/$id" params={{ id: spec.method }} search={{ run: id }} />}>
              {title}
            </Anchor>
          </span>
          {name !== null && (
            <Text size="xs" c="dimmed">
              {methodName(spec.method)} on {dataName(spec.data)}
            </Text>
          )}
          {run.note && (
            <Text size="xs" c="dimmed" lineClamp={2}>
              {run.note}
            </Text>
          )}
        </th>
        <td className={css.settings}>
          {settings.length === 0 ? 'defaults' : settings.map(([key, value]) => `${key} ${value}`).join(', ')}
          <Text size="xs" c="dimmed">
            seed {spec.seed}
          </Text>
        </td>
        <td data-state={state} className={css.state}>
          {stateNames[state]}
          <Text size="xs" c="dimmed">
            step {integer(step)} of {integer(steps)}
          </Text>
        </td>
        <td>
          {score ? score.text : '–'}
          {score && (
            <Text size="xs" c="dimmed">
              {score.name}
            </Text>
          )}
        </td>
        <td className={css.trained}>
          {duration(seconds)}
          <Text size="xs" c="dimmed">
            {run.backend.name}
            {run.backend.threads > 1 ? `, ${run.backend.threads} threads` : ''}
          </Text>
        </td>
        <td className={css.when}>{dateOf(run.created)}</td>
        <td className={css.more}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Details of ${title}`}
            aria-expanded={expanded}
            onClick={() => setExpanded(!expanded)}
          >
            <ChevronDown size={16} />
          </ActionIcon>
        </td>
      </tr>
      {expanded && (
        <tr className={css.details}>
          <td colSpan={8}>
            <Details shelf={shelf} run={run} onMark={onMark} />
          </td>
        </tr>
      )}
    </>
  );
});
