import { Button, CloseButton, Group, Progress, Text, Title } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Failure } from '../../src/worker/protocol.ts';
import { catalogue } from '../app/catalogue.ts';
import { type Draft, draftOf, emptyDraft } from '../app/experiment/draft.ts';
import { phaseOf, phaseSays, useOtherTab, useProgress, useShelf } from '../app/experiment/hooks.ts';
import { queue, train } from '../app/experiment/index.ts';
import { namesOfOwn } from '../app/experiment/own.ts';
import { planCells } from '../app/experiment/plan.ts';
import type { Preset } from '../app/experiment/presets.ts';
import { cancelled, type Experiment, experimentOf, paused, waitsFor } from '../app/experiment/record.ts';
import type { Shelf } from '../app/experiment/shelf.ts';
import { thrown } from '../app/experiment/thrown.ts';
import { about, dateOf } from '../app/format.ts';
import { library } from '../app/library/index.ts';
import { useOwn } from '../app/own.ts';
import { failureOf } from '../app/run.ts';
import { useStore } from '../app/store.ts';
import { useTitle } from '../app/useTitle.ts';
import css from '../components/experiment/experiment.module.css';
import { NewExperiment } from '../components/experiment/NewExperiment.tsx';
import { Presets } from '../components/experiment/Presets.tsx';
import { Pause, Play, Undo } from '../components/icons.tsx';
import { Busy, Problem } from '../components/Notice.tsx';

/** All experiments of this device, ready-made ones, and the form of a new one. */
export function Experiments() {
  useTitle('Experiments');
  const { shelf, list, failure } = useShelf();
  const otherTab = useOtherTab();
  const navigate = useNavigate();
  const form = useRef<HTMLElement>(null);
  const own = useOwn(true);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [refused, setRefused] = useState<Failure | null>(null);

  const start = async (...[specs, as]: Parameters<typeof experimentOf>) => {
    const experiment = experimentOf(specs, { ...as, own: namesOfOwn(specs) });
    try {
      if (!shelf) throw new Error('The experiments are still being read');
      await shelf.add(experiment);
      // While another one trains, it waits for its turn.
      train(experiment.id);
      await navigate({ to: '/experiment/$id', params: { id: experiment.id } });
    } catch (error) {
      setRefused({ message: 'The experiment could not be kept.', advice: failureOf(error).message });
    }
  };
  const startPreset = (preset: Preset) => {
    const specs = planCells(catalogue, preset).plans.map(({ spec }) => spec);
    void start(specs, { name: preset.name, budget: preset.budget, preset: preset.id });
  };

  return (
    <div className={css.page}>
      <header className={css.intro}>
        <Title order={1} size="h2">
          Experiments
        </Title>
        <Text>
          Several runs under one budget, trained one after another in the background of this tab: change one thing, keep the rest, and see
          what it was for. Runs of one seed begin with the same encoder and see the same images in the same order.
        </Text>
      </header>
      {(failure ?? refused) && <Problem failure={(failure ?? refused)!} />}
      <Thrown shelf={shelf} />
      {!failure && list === null && <Busy label="Reading the experiments…" />}
      {list && list.length > 0 && (
        <section className={css.section} aria-labelledby="yours">
          <Title order={2} size="h3" id="yours">
            Your experiments
          </Title>
          <ul className={css.rows}>
            {list.map((experiment) => (
              <Row key={experiment.id} experiment={experiment} all={list} shelf={shelf} otherTab={otherTab} />
            ))}
          </ul>
        </section>
      )}
      <section className={css.section} aria-labelledby="ready-made">
        <Title order={2} size="h3" id="ready-made">
          Ready-made
        </Title>
        <Presets
          onStart={startPreset}
          onChange={(preset) => {
            setDraft(draftOf(preset));
            form.current?.scrollIntoView();
            form.current?.focus({ preventScroll: true });
          }}
        />
      </section>
      <section className={css.section} aria-labelledby="new" ref={form} tabIndex={-1}>
        <Title order={2} size="h3" id="new">
          New experiment
        </Title>
        <NewExperiment draft={draft} own={own} onDraft={setDraft} onStart={(specs, as) => void start(specs, as)} />
      </section>
    </div>
  );
}

type RowProps = {
  readonly experiment: Experiment;
  readonly all: readonly Experiment[];
  readonly shelf: Shelf | null;
  readonly otherTab: boolean;
};

function Row({ experiment, all, shelf, otherTab }: RowProps) {
  const { id, name, created } = experiment;
  const now = useStore(queue);
  const phase = phaseOf(experiment, now, otherTab);
  const { says, share, left } = useProgress(experiment);
  const before = phase === 'waits' ? waitsFor(all, experiment, now.running ? (now.experiment?.id ?? null) : null) : null;
  const time = left === null || phase === 'over' ? '' : `, about ${about(left)} ${phase === 'training' ? 'left' : 'to go'}`;
  return (
    <li className={`card ${css.row}`}>
      <div>
        <Link to="/experiment/$id" params={{ id }} className={css.rowName}>
          {name}
        </Link>
        <Text size="sm" c="dimmed" className="numbers">
          {dateOf(created)}
        </Text>
      </div>
      <div>
        <Text size="sm" className="numbers">
          {phaseSays[phase]}
          {before && ` for “${before.name}”`}: {says}
          {time}
        </Text>
        <Progress value={100 * share} size="sm" aria-label={`Progress of ${name}`} />
      </div>
      <div className={css.buttons}>
        {(phase === 'training' || phase === 'elsewhere') && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Pause size={14} />}
            aria-label={`Pause ${name}`}
            onClick={() => void shelf?.change(id, paused)}
          >
            Pause
          </Button>
        )}
        {phase === 'waits' && (
          <Button size="compact-sm" variant="default" aria-label={`Do not wait: ${name}`} onClick={() => void shelf?.change(id, cancelled)}>
            Do not wait
          </Button>
        )}
        {(phase === 'paused' || phase === 'interrupted' || phase === 'new') && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Play size={14} />}
            aria-label={`Go on with ${name}`}
            onClick={() => train(id)}
          >
            Go on
          </Button>
        )}
      </div>
    </li>
  );
}

/** What was deleted, with the way back. */
function Thrown({ shelf }: { shelf: Shelf | null }) {
  const last = useStore(thrown);
  if (!last || !shelf) return null;
  const { experiment, withRuns } = last;
  const runs = experiment.cells.flatMap(({ run }) => run ?? []);
  const undo = async () => {
    await shelf.change(experiment.id, (now) => ({ ...now, deleted: null }));
    if (withRuns) await (await library()).restore(runs);
    thrown.set(null);
  };
  const runsToo = async () => {
    await (await library()).remove(runs);
    thrown.set({ experiment, withRuns: true });
  };
  return (
    <Group gap="xs" role="status">
      <Text size="sm">
        “{experiment.name}” was deleted
        {runs.length === 0 ? '.' : withRuns ? ', and its runs with it.' : '. Its runs are kept.'}
      </Text>
      <Button size="compact-sm" variant="default" leftSection={<Undo size={14} />} onClick={() => void undo()}>
        Undo
      </Button>
      {runs.length > 0 && !withRuns && (
        <Button size="compact-sm" variant="default" onClick={() => void runsToo()}>
          Delete its runs too
        </Button>
      )}
      <CloseButton size="sm" aria-label="Close this notice" onClick={() => thrown.set(null)} />
    </Group>
  );
}
