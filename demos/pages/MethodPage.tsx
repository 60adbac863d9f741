import { Anchor, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Value } from '../../src/hparams.ts';
import { unknown } from '../../src/nearest.ts';
import { openClient } from '../../src/worker/client.ts';
import type { RunSpec } from '../../src/worker/protocol.ts';
import { acceptedData, catalogue, type MethodInfo } from '../app/catalogue.ts';
import { keepRun, removeRun } from '../app/kept.ts';
import { later } from '../app/later.ts';
import { openSession, type RunState } from '../app/run.ts';
import { readSearch, toSearch } from '../app/search.ts';
import { type Curve, lastStep, upTo } from '../app/series.ts';
import { rememberSpeed, speedOfRun, workOf } from '../app/speeds.ts';
import { useTitle } from '../app/useTitle.ts';
import { Charts } from '../components/charts/Charts.tsx';
import { Guarded } from '../components/Guarded.tsx';
import { Busy } from '../components/Notice.tsx';
import { Messages } from '../components/run/Messages.tsx';
import { Progress } from '../components/run/Progress.tsx';
import { Scores } from '../components/run/Scores.tsx';
import { Toolbar } from '../components/run/Toolbar.tsx';
import { Settings } from '../components/settings/Settings.tsx';
import css from './MethodPage.module.css';
import { NotFound } from './NotFound.tsx';

const route = getRouteApi('/method/$id');
const { methods, datasets } = catalogue;
const Panels = later(() => import('../components/run/Panels.tsx').then((module) => module.Panels));
const Lesson = later(() => import('../components/Lesson.tsx').then((module) => module.Lesson));
const Source = later(() => import('../components/Source.tsx').then((module) => module.Source));

/** The page of a method: one for all of them, driven by the method's object. */
export function MethodPage() {
  const { id } = route.useParams();
  const method = Object.hasOwn(methods, id) ? methods[id] : undefined;
  if (!method) return <NotFound what={`${unknown('method', id, Object.keys(methods))}.`} />;
  return <Lab key={id} method={method} />;
}

/** The address decides the run; the controls change the address; the session follows it. */
function Lab({ method }: { method: MethodInfo }) {
  useTitle(method.name);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const plan = useMemo(() => readSearch(method, datasets, search), [method, search]);
  const { spec } = plan;
  const defaultData = acceptedData(method)[0]!;
  const latest = useRef(plan);
  latest.current = plan;

  const [session] = useState(() => {
    const keep = (automatic: boolean) => (run: RunSpec, curve: Curve) =>
      keepRun({ spec: run, methodName: method.name, changed: changesOf(run), curve: upTo(curve, lastStep(curve)), automatic });
    const changesOf = (run: RunSpec) => readSearch(method, datasets, { ...run.settings, data: run.data }).changed;
    const keepSpeed = ({ status, spec: run, ready, step, stepsPerSecond }: RunState) => {
      const { changed, specs } = readSearch(method, datasets, { ...run.settings, data: run.data });
      const speed = speedOfRun(step, stepsPerSecond);
      if (status === 'running' && ready && speed) rememberSpeed(workOf(method.id, run.data, changed, specs), ready.backend, speed);
    };
    const opened = openSession(spec, {
      connect: openClient,
      dataUrl: new URL('data/', document.baseURI).href,
      isLive: (key) => latest.current.specs[key]?.when === 'live',
      keep: keep(true),
      forget: removeRun,
    });
    let before = opened.get();
    opened.subscribe(() => {
      const now = opened.get();
      if (now.status !== 'running') keepSpeed(before);
      before = now;
    });
    return { ...opened, keepNow: () => keep(false)(opened.get().spec, opened.get().curve), keepOnLeaving: keep(true), keepSpeed };
  });
  useEffect(() => {
    void session.begin(latest.current.spec);
    return () => {
      const { spec: last, curve } = session.get();
      session.keepSpeed(session.get());
      if (curve.length > 1) session.keepOnLeaving(last, curve);
      session.close();
    };
  }, [session]);
  useEffect(() => void session.apply(spec), [session, spec]);

  const [problems, setProblems] = useState<readonly string[]>([]);
  useEffect(() => {
    if (plan.problems.length === 0) return;
    setProblems(plan.problems);
    void navigate({ search: toSearch(plan.spec, plan.specs, defaultData), replace: true });
  }, [plan, navigate, defaultData]);

  /** Live settings replace the address, so that Back leads to the last real decision. */
  const go = useCallback(
    (next: RunSpec, replace = false) => {
      const whole = { ...next.settings, data: next.data, seed: next.seed, backend: next.backend };
      const known = readSearch(method, datasets, whole);
      void navigate({ search: toSearch(known.spec, known.specs, defaultData), replace, resetScroll: false });
    },
    [method, navigate, defaultData],
  );
  const onSetting = useCallback(
    (name: string, value: Value) => {
      const { spec: now, specs: all } = latest.current;
      go({ ...now, settings: { ...now.settings, [name]: value } }, all[name]?.when === 'live');
    },
    [go],
  );
  const onRun = useCallback(
    (change: Partial<RunSpec>) => {
      const { spec: now, changed } = latest.current;
      // Other data have other defaults: only what was changed by hand goes along.
      go({ ...now, ...change, settings: changed });
    },
    [go],
  );
  const onDefaults = useCallback(() => go({ ...latest.current.spec, settings: {} }), [go]);
  const onUndo = useCallback(() => {
    const { before } = session.get();
    void session.undo();
    if (before) go(before.spec);
  }, [session, go]);

  const data = useMemo(() => acceptedData(method).map((id) => datasets[id]!), [method]);
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
        <Progress session={session} spec={spec} unit={info.kind} work={workOf(method.id, spec.data, plan.changed, plan.specs)} />
      </div>
      <div className={css.messages}>
        <Messages
          session={session}
          problems={problems}
          onProblemsRead={() => setProblems([])}
          onUndo={onUndo}
          onAutomatic={spec.backend === 'auto' ? null : () => onRun({ backend: 'auto' })}
        />
      </div>
      <div className={css.body}>
        <div className={css.settings}>
          <Settings groups={plan.groups} values={spec.settings} onChange={onSetting} onDefaults={onDefaults} />
        </div>
        <div className={css.results}>
          <div className={css.measures}>
            <Charts session={session} methodName={method.name} units={method.units} changed={plan.changed} onKeep={session.keepNow} />
            <Scores session={session} />
          </div>
          <div className={css.panels}>
            <Suspense>
              <Panels session={session} classes={info.classes} />
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
