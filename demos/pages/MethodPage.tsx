import { Anchor, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Suspense, useEffect, useMemo, useState } from 'react';
import { isOwn } from '../../src/data/dataset.ts';
import { unknown } from '../../src/nearest.ts';
import { acceptedData, cards, catalogue, type MethodInfo } from '../app/catalogue.ts';
import { useLab } from '../app/lab.ts';
import { later } from '../app/later.ts';
import { useOwn } from '../app/own.ts';
import { mayPlay, openPlayer } from '../app/player.ts';
import { useRecorded } from '../app/recorded.ts';
import { workOf } from '../app/speeds.ts';
import { useTitle } from '../app/useTitle.ts';
import { Charts } from '../components/charts/Charts.tsx';
import { Guarded } from '../components/Guarded.tsx';
import { Busy } from '../components/Notice.tsx';
import { Progress } from '../components/run/Progress.tsx';
import { Toolbar } from '../components/run/Toolbar.tsx';
import { Settings } from '../components/settings/Settings.tsx';
import css from './MethodPage.module.css';
import { NotFound } from './NotFound.tsx';

const route = getRouteApi('/method/$id');
const { datasets } = catalogue;
const Messages = later(() => import('../components/run/Messages.tsx').then((module) => module.Messages));
const Scores = later(() => import('../components/run/Scores.tsx').then((module) => module.Scores));
const Panels = later(() => import('../components/run/Panels.tsx').then((module) => module.Panels));
const Lesson = later(() => import('../components/Lesson.tsx').then((module) => module.Lesson));
const Source = later(() => import('../components/Source.tsx').then((module) => module.Source));

/** The page of a method: one for all of them, driven by the method's object. */
export function MethodPage() {
  const { id } = route.useParams();
  const { data } = route.useSearch();
  const mine = typeof data === 'string' && isOwn(data);
  const own = useOwn(mine);
  const method = route.useLoaderData();
  if (!method) return <NotFound what={`${unknown('method', id, Object.keys(cards))}.`} />;
  if (mine && !own) return <Busy label="Looking for your images…" />;
  return <Lab key={id} method={method} />;
}

function Lab({ method }: { method: MethodInfo }) {
  useTitle(method.name);
  const { plan, own, session, problems, forgetProblems, onSetting, onRun, onDefaults, onUndo, onKeep } = useLab(method);
  const { spec } = plan;
  const recorded = useRecorded(method.id, spec.data);
  const [player] = useState(openPlayer);
  // What is recorded makes room as soon as there is something live, or other data.
  useEffect(() => session.subscribe(() => mayPlay(session.get()) || player.stop()), [session, player]);
  useEffect(() => player.stop, [player, recorded]);

  const data = useMemo(() => acceptedData(method).map((id) => datasets[id]!), [method, own]);
  const info = datasets[spec.data]!;
  return (
    <div className={css.page}>
      <header className={css.head}>
        <Title order={1} size="h2">
          {method.name}
        </Title>
        <Text className={css.summary!}>{method.summary}</Text>
        <Text size="sm" c="dimmed">
          {method.paper.authors}: {method.paper.title}, {method.paper.year},{' '}
          <Anchor inherit href={`https://arxiv.org/abs/${method.paper.arxiv}`} target="_blank" rel="noreferrer" underline="always">
            arXiv {method.paper.arxiv}
          </Anchor>
        </Text>
      </header>
      <div className={`card ${css.run}`}>
        <Toolbar session={session} spec={spec} data={data} onChange={onRun} />
        <Progress
          session={session}
          spec={spec}
          unit={info.kind === 'simulated' ? 'rows' : info.kind === 'volumes' ? 'slices' : info.kind}
          work={workOf(method.id, spec.data, plan.changed, plan.specs)}
        />
      </div>
      <div className={css.messages}>
        <Suspense>
          <Messages
            session={session}
            problems={problems}
            onProblemsRead={forgetProblems}
            onUndo={onUndo}
            onAutomatic={spec.backend === 'auto' ? null : () => onRun({ backend: 'auto' })}
          />
        </Suspense>
      </div>
      <div className={css.body}>
        <div className={css.settings}>
          <Settings groups={plan.groups} values={spec.settings} onChange={onSetting} onDefaults={onDefaults} />
        </div>
        <div className={css.results}>
          <div className={css.measures}>
            <Charts
              session={session}
              methodName={method.name}
              units={method.units}
              changed={plan.changed}
              onKeep={onKeep}
              recorded={recorded}
              player={player}
            />
            <Suspense>
              <Scores session={session} simulated={info.kind === 'simulated'} />
            </Suspense>
          </div>
          <div className={css.panels}>
            <Suspense>
              <Panels session={session} classes={info.classes} player={player} onSetting={onSetting} />
            </Suspense>
          </div>
        </div>
      </div>
      <div className={css.reading}>
        <section aria-label="Lesson" className={css.lesson}>
          <Guarded what="The lesson">
            <Suspense fallback={<Busy label="Loading the lesson…" />}>
              <Lesson method={method.id} />
            </Suspense>
          </Guarded>
        </section>
        <section aria-label="Source" className={css.source}>
          <Guarded what="The source">
            <Suspense fallback={<Busy label="Loading the source…" />}>
              <Source method={method.id} />
            </Suspense>
          </Guarded>
        </section>
      </div>
    </div>
  );
}
