import { ActionIcon, Anchor, Button, Progress, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { isOwn } from '../../src/data/dataset.ts';
import { catalogue } from '../app/catalogue.ts';
import { type CompareSearch, mostLines } from '../app/compare-address.ts';
import { active } from '../app/experiment/active.ts';
import { type Phase, phaseOf, phaseSays, useOtherTab, useProgress, useRunsById, useShelf } from '../app/experiment/hooks.ts';
import { queue, train } from '../app/experiment/index.ts';
import { byConfiguration, spread } from '../app/experiment/plan.ts';
import { presetOf } from '../app/experiment/presets.ts';
import {
  type Budget,
  type Cell,
  cancelled,
  ended,
  type Experiment as Kept,
  lineOf,
  paused,
  retried,
  skipped,
  waitsFor,
} from '../app/experiment/record.ts';
import type { Shelf } from '../app/experiment/shelf.ts';
import { thrown } from '../app/experiment/thrown.ts';
import { about, dateOf, integer, short } from '../app/format.ts';
import { useStore } from '../app/store.ts';
import { useTitle } from '../app/useTitle.ts';
import { Cells } from '../components/experiment/Cells.tsx';
import css from '../components/experiment/experiment.module.css';
import { Pause, Play, Stop } from '../components/icons.tsx';
import { Pencil, Trash } from '../components/list-icons.tsx';
import { Busy, Problem } from '../components/Notice.tsx';
import { Tip } from '../components/Tip.tsx';
import { NotFound } from './NotFound.tsx';

const route = getRouteApi('/experiment/$id');

/** The permanent page of one experiment. */
export function Experiment() {
  const { id } = route.useParams();
  const { shelf, list, failure } = useShelf();
  const experiment = list?.find((each) => each.id === id);
  useTitle(experiment?.name ?? 'Experiment');
  if (failure) return <Problem failure={failure} />;
  if (!shelf || !list) return <Busy label="Reading the experiment…" />;
  if (!experiment) return <NotFound what="This experiment is not on this device: it was made elsewhere, or deleted." />;
  return <Shown key={id} experiment={experiment} list={list} shelf={shelf} />;
}

function Shown({ experiment, list, shelf }: { experiment: Kept; list: readonly Kept[]; shelf: Shelf }) {
  const { id, cells, budget, created, note } = experiment;
  const preset = presetOf(experiment.preset);
  const phase = phaseOf(experiment, useStore(queue), useOtherTab());
  const over = phase === 'over';
  useEffect(() => {
    // It has been seen to be over: the header need not tell.
    if (over && active.get() === id) active.forget();
  }, [over, id]);
  const change = (next: (now: Kept) => Kept) => void shelf.change(id, next);
  // While typing, too: a reload is no farewell to a field.
  const writeNote = useDebouncedCallback((text: string) => change((now) => ({ ...now, note: text })), {
    delay: 300,
    flushOnUnmount: true,
  });
  return (
    <div className={css.page}>
      <header className={css.intro}>
        <Name experiment={experiment} onName={(name) => change((now) => ({ ...now, name }))} />
        <Text size="sm" c="dimmed" className="numbers">
          {cells.length === 1 ? 'One run' : `${cells.length} runs`} of {budgetSays(budget)}, made {dateOf(created)}.{' '}
          <Anchor component={Link} to="/experiments" inherit underline="always">
            All experiments
          </Anchor>
        </Text>
      </header>
      <Controls experiment={experiment} all={list} shelf={shelf} phase={phase} />
      <Cells
        experiment={experiment}
        live={phase === 'training' || phase === 'elsewhere'}
        onSkip={(cell) => change(skipped(cell))}
        onRetry={(cell) => {
          // The tab that trains it takes the run up by itself.
          void shelf.change(id, retried(cell)).then(() => phase !== 'elsewhere' && train(id));
        }}
      />
      <div className={css.reading}>
        {preset && (
          <div>
            <Title order={2} size="h4">
              What to look at
            </Title>
            <Text>{preset.look}</Text>
          </div>
        )}
        <div>
          <Title order={2} size="h4">
            What the runs share
          </Title>
          <Text>{shared(cells, budget)}</Text>
        </div>
        <Textarea
          label="Note"
          placeholder="What you expected, and what you found"
          autosize
          minRows={3}
          defaultValue={note}
          onChange={({ currentTarget }) => writeNote(currentTarget.value)}
        />
      </div>
    </div>
  );
}

const budgetSays = ({ kind, amount }: Budget): string =>
  kind === 'steps'
    ? `${integer(amount)} steps`
    : kind === 'images'
      ? `${integer(amount)} images or points`
      : `${integer(amount)} s of training`;

/** What is the same in all runs, and what cannot be. */
function shared(cells: readonly Cell[], { kind }: Budget): string {
  const kinds = new Set(cells.map(({ spec }) => (isOwn(spec.data) ? 'images' : catalogue.datasets[spec.data]?.kind)));
  const sizes = new Set(cells.map(({ spec }) => spec.settings.batchSize)).size;
  const says = ['The budget.'];
  if (kinds.has('images'))
    says.push(
      'With the same seed, also the order of the images, the augmentation of each, and the encoder that training begins with, wherever two methods have one of the same shape.',
    );
  if (kinds.has('points')) says.push('With the same seed, also the points that each step draws.');
  if (kinds.has('images') && sizes > 1)
    says.push('With another batch size the images come in the same order, but their augmentations are drawn anew.');
  if (kind === 'seconds') {
    const paces = [...new Map(cells.flatMap(({ pace }) => (pace ? [[`${pace.msPerStep}`, pace] as const] : []))).values()];
    const known = paces.map(
      ({ msPerStep, by }) =>
        `${short(Number(msPerStep.toPrecision(3)))} ms a step ${by === 'seen' ? 'in an earlier run' : 'in its first seconds'}`,
    );
    says.push(
      `The seconds are turned into steps before a run begins, because schedules need their number: by the speed of this device, ${known.length > 0 ? known.join('; ') : 'seen in an earlier run, or measured in its first seconds'}. Training may take a little more or less.`,
    );
  }
  return says.join(' ');
}

/** Where the experiment stands, and the buttons that change that. */
type ControlsProps = { readonly experiment: Kept; readonly all: readonly Kept[]; readonly shelf: Shelf; readonly phase: Phase };

function Controls({ experiment, all, shelf, phase }: ControlsProps) {
  const { id, name, cells } = experiment;
  const now = useStore(queue);
  const { says, share, left } = useProgress(experiment);
  const navigate = useNavigate();
  const change = (next: (now: Kept) => Kept) => shelf.change(id, next);
  const training = phase === 'training' || phase === 'elsewhere';
  const measuring = now.experiment?.id === id && now.doing.some((each) => each.measuring);
  const before = phase === 'waits' ? waitsFor(all, experiment, now.running ? (now.experiment?.id ?? null) : null) : null;
  const after = training ? lineOf(all)[0] : undefined;
  const remove = async () => {
    const gone = await change((old) => ({ ...cancelled(old), deleted: Date.now() }));
    if (active.get() === id) active.forget();
    if (gone) thrown.set({ experiment: gone, withRuns: false });
    await navigate({ to: '/experiments' });
  };
  return (
    <section className={`card ${css.panel}`} aria-label="Progress">
      {now.trouble && (
        <Problem failure={now.trouble}>
          <Button size="xs" variant="default" onClick={queue.hush}>
            Close
          </Button>
        </Problem>
      )}
      <Progress value={100 * share} size="md" aria-label={`Progress of ${name}`} />
      <div className={`${css.facts} numbers`}>
        <Text component="span" size="sm" fw={600} role="status" c="var(--mantine-color-text)">
          {phaseSays[phase]}
          {before && (
            <>
              {' for '}
              <Other experiment={before} />
            </>
          )}
        </Text>
        <span>{says}</span>
        {phase !== 'over' && left !== null && (
          <span>
            about {about(left)} {training ? 'left' : phase === 'waits' ? 'once it begins' : 'to go'}
          </span>
        )}
        {measuring && <span>measuring the speed of this device first</span>}
        {training && now.doing.length > 1 && <span>{now.doing.length} side by side</span>}
        {phase === 'training' && <span>You can use the other pages meanwhile; what you train there is slower, and so is this.</span>}
        {phase === 'waits' && <span>It begins by itself as soon as that one is done, paused or stopped.</span>}
        {after && (
          <span>
            Then <Other experiment={after} />
          </span>
        )}
        {phase === 'interrupted' && <span>Its tab was closed while it trained; it goes on from the last checkpoint.</span>}
      </div>
      <div className={css.buttons}>
        {training && (
          <Button leftSection={<Pause />} onClick={() => void change(paused)}>
            Pause
          </Button>
        )}
        {phase === 'waits' && (
          <Button variant="default" onClick={() => void change(cancelled)}>
            Do not wait
          </Button>
        )}
        {(phase === 'paused' || phase === 'interrupted' || phase === 'new') && (
          <Button leftSection={<Play />} onClick={() => train(id)}>
            {phase === 'new' ? 'Start' : 'Go on'}
          </Button>
        )}
        <Compare cells={cells} view={presetOf(experiment.preset)?.view} primary={phase === 'over'} />
        {phase !== 'over' && (
          <Tip label="Ends the experiment here: what has not been trained is left out">
            <Button variant="default" leftSection={<Stop />} onClick={() => void change(ended)}>
              Stop here
            </Button>
          </Tip>
        )}
        <Button variant="subtle" color="gray" className={css.spaced!} leftSection={<Trash />} onClick={() => void remove()}>
          Delete
        </Button>
      </div>
    </section>
  );
}

const Other = ({ experiment: { id, name } }: { experiment: Kept }) => (
  <Anchor inherit underline="always" renderRoot={(props) => <Link {...props} to="/experiment/$id" params={{ id }} />}>
    “{name}”
  </Anchor>
);

/** The way to the Compare page, with exactly these runs; of more configurations than it overlays, a choice. */
function Compare({ cells, view, primary }: { cells: readonly Cell[]; view: CompareSearch | undefined; primary: boolean }) {
  const kept = useRunsById();
  const there = cells.filter(({ run }) => run && kept?.has(run));
  if (there.length === 0) return null;
  const groups = byConfiguration(there, ({ spec }) => spec);
  const chosen = spread(groups);
  const runs = chosen
    .flat()
    .map(({ run }) => run)
    .join(',');
  return (
    <>
      <Button
        variant={primary ? 'filled' : 'default'}
        renderRoot={(props) => <Link {...props} to="/compare" search={{ runs, group: 'seeds', ...view }} />}
      >
        {primary ? 'Compare the runs' : 'Compare so far'}
      </Button>
      {groups.length > mostLines && (
        <Text size="sm" c="dimmed">
          {mostLines} of its {groups.length} configurations, evenly spread: more are not overlaid.
        </Text>
      )}
    </>
  );
}

/** The experiment's name, to be changed in its place. */
function Name({ experiment: { name }, onName }: { experiment: Kept; onName: (name: string) => void }) {
  const [editing, setEditing] = useState(false);
  const finish = (text: string) => {
    if (text.trim() && text.trim() !== name) onName(text.trim());
    setEditing(false);
  };
  return (
    <div className={css.titleRow} data-editing={editing || undefined}>
      <Title order={1} size="h2">
        {name}
      </Title>
      {editing ? (
        <TextInput
          aria-label="Name of the experiment"
          defaultValue={name}
          maxLength={120}
          autoFocus
          onFocus={({ currentTarget }) => currentTarget.select()}
          onBlur={({ currentTarget }) => finish(currentTarget.value)}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Enter') currentTarget.blur();
            if (key === 'Escape') setEditing(false);
          }}
        />
      ) : (
        <ActionIcon variant="subtle" color="gray" aria-label="Rename" onClick={() => setEditing(true)}>
          <Pencil />
        </ActionIcon>
      )}
    </div>
  );
}
