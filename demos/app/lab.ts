import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Value } from '../../src/hparams.ts';
import type { KeptRun, RunRecord } from '../../src/train/record.ts';
import { openClient } from '../../src/worker/client.ts';
import type { RunSpec } from '../../src/worker/protocol.ts';
import { acceptedData, catalogue, type MethodInfo } from './catalogue.ts';
import { useRun } from './hooks.ts';
import { idle } from './later.ts';
import { library } from './library/index.ts';
import { keepRuns, wholeFrom } from './library/keeper.ts';
import { hold } from './library/locks.ts';
import { lay, takeOff } from './overlays.ts';
import { useOwn } from './own.ts';
import { dataUrl, failureOf, openSession, type RunState, type Whole } from './run.ts';
import type { Complaint } from './run-state.ts';
import { planOf, readSearch, toSearch } from './search.ts';
import { lastStep, upTo } from './series.ts';
import { rememberSpeed, speedOfRun, workOf } from './speeds.ts';
import { store, useStore } from './store.ts';

const route = getRouteApi('/method/$id');
const { datasets } = catalogue;

/** A session whose runs are kept, laid on the chart when they go, and timed. */
function open(method: MethodInfo, spec: RunSpec, isLive: (key: string) => boolean) {
  const layOn = (run: Whole, automatic: boolean) => {
    const { id, spec: of, curve } = run;
    const { changed } = planOf(method, datasets, of);
    if (id) lay({ id, spec: of, methodName: method.name, changed, curve: upTo(curve, lastStep(curve)), automatic });
  };
  const session = openSession(spec, {
    connect: openClient,
    dataUrl: dataUrl(),
    isLive,
    keep: (run) => layOn(run, true),
    forget: takeOff,
  });
  /** The last run that is known to lie in the library. */
  const kept = store<string | null>(null);
  const keeper = keepRuns(session, { library, onTrouble: session.complain, onKept: kept.set });
  const keepSpeed = ({ status, spec: of, ready, step, stepsPerSecond }: RunState) => {
    const { changed, specs } = planOf(method, datasets, of);
    const speed = speedOfRun(step, stepsPerSecond);
    if (status === 'running' && ready && speed) rememberSpeed(workOf(method.id, of.data, changed, specs), ready.backend, speed);
  };
  let before = session.get();
  session.subscribe(() => {
    const now = session.get();
    if (now.status !== 'running') keepSpeed(before);
    before = now;
  });
  return {
    ...session,
    kept,
    began: (record: RunRecord) => {
      keeper.began(record);
      kept.set(record.id);
    },
    keepNow: () => layOn(session.get(), false),
    leave: () => {
      keepSpeed(session.get());
      if (session.get().curve.length > 1) layOn(session.get(), true);
      void session.close();
    },
  };
}

/**
 * The run of a method's page. The address decides it, the controls change the address, the session follows; an address with
 * `run` stands for a kept run, which comes back to its last checkpoint.
 */
export function useLab(method: MethodInfo) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const own = useOwn();
  const plan = useMemo(() => readSearch(method, datasets, search), [method, search, own]);
  const { spec } = plan;
  const asked = typeof search.run === 'string' ? search.run : null;
  const latest = useRef(plan);
  latest.current = plan;
  /** The run that the address stands for, as far as it has been dealt with; whether it is on its way; and the claim on it. */
  const addressed = useRef<string | null>(null);
  const bringing = useRef<symbol | null>(null);
  const claim = useRef<{ readonly id: string; readonly release: () => void } | null>(null);

  const [session] = useState(() => open(method, spec, (key) => latest.current.specs[key]?.when === 'live'));
  const id = useRun(session, (state) => state.id);
  const kept = useStore(session.kept);
  // A run has an address once it is kept: then a reload finds it.
  const named = id === kept ? id : null;

  /** Live settings replace the address, so that Back leads to the last real decision; they stay with the run. */
  const go = useCallback(
    (next: RunSpec, { replace = false, run = null as string | null } = {}) => {
      const known = planOf(method, datasets, next);
      const address = toSearch(known.spec, known.specs, acceptedData(method)[0]!);
      void navigate({ search: run ? { ...address, run } : address, replace, resetScroll: false });
    },
    [method, navigate],
  );

  /** Brings a kept run back; says why where it cannot, and then stands ready with what the address says. */
  const bring = useCallback(
    async (wanted: string): Promise<void> => {
      const mine = Symbol(wanted);
      addressed.current = wanted;
      bringing.current = mine;
      const find = async (): Promise<KeptRun | Complaint> => {
        try {
          const kept = await (await library()).load(wanted);
          if (kept?.record.spec.method !== method.id)
            return {
              message: 'The run of this address is not on this device.',
              advice: 'A new run with the same settings stands ready instead.',
            };
          const release = await hold(wanted);
          // Somebody else was asked for meanwhile.
          if (bringing.current !== mine) {
            release?.();
            return kept;
          }
          if (!release) return { message: '', advice: '', held: kept.record };
          claim.current?.release();
          claim.current = { id: wanted, release };
          return kept;
        } catch (error) {
          return { message: 'The run of this address could not be read.', advice: failureOf(error).message };
        }
      };
      const found = await find();
      if (bringing.current !== mine) return;
      if ('record' in found) {
        const whole = wholeFrom(found);
        session.began(found.record);
        go(whole.spec, { replace: true, run: wanted });
        await session.open(whole);
      } else {
        addressed.current = null;
        go(latest.current.spec, { replace: true });
        await (session.get().ready ? session.apply(latest.current.spec) : session.begin(latest.current.spec));
        session.complain(found);
      }
      if (bringing.current === mine) bringing.current = null;
    },
    [go, method, session],
  );

  // Once a visit; later changes of the address are followed below.
  useEffect(() => {
    if (asked) void bring(asked);
    else void session.begin(latest.current.spec);
    // Soon wanted: the first save should not wait for it.
    void idle()
      .then(library)
      .catch(() => {});
    return () => {
      addressed.current = bringing.current = null;
      claim.current?.release();
      claim.current = null;
      session.leave();
    };
  }, [session]);
  useEffect(() => {
    if (asked && asked !== addressed.current) void bring(asked);
    else if (!asked || asked === session.get().id) void session.apply(spec);
  }, [session, spec, asked, bring]);
  useEffect(() => {
    if (bringing.current || named === addressed.current) return;
    addressed.current = named;
    go(latest.current.spec, { replace: true, run: named });
  }, [named, go]);
  useEffect(() => {
    if (!id || claim.current?.id === id) return;
    claim.current?.release();
    claim.current = null;
    void hold(id).then((release) => {
      if (release && session.get().id === id) claim.current = { id, release };
      else release?.();
    });
  }, [session, id]);

  const [problems, setProblems] = useState<readonly string[]>([]);
  useEffect(() => {
    if (plan.problems.length === 0) return;
    setProblems(plan.problems);
    go(plan.spec, { replace: true, run: asked });
  }, [plan, asked, go]);

  return {
    plan,
    own,
    session,
    problems,
    forgetProblems: () => setProblems([]),
    onSetting: useCallback(
      (name: string, value: Value) => {
        const { spec: now, specs } = latest.current;
        const live = specs[name]?.when === 'live';
        go({ ...now, settings: { ...now.settings, [name]: value } }, { replace: live, run: live ? addressed.current : null });
      },
      [go, session],
    ),
    /** Other data have other defaults: only what was changed by hand goes along. */
    onRun: useCallback((change: Partial<RunSpec>) => go({ ...latest.current.spec, ...change, settings: latest.current.changed }), [go]),
    onDefaults: useCallback(() => go({ ...latest.current.spec, settings: {} }), [go]),
    onUndo: useCallback(() => {
      const { before } = session.get();
      void session.undo();
      if (!before) return;
      addressed.current = before.run.id;
      go(before.run.spec, { run: before.run.id });
    }, [session, go]),
    onKeep: session.keepNow,
  };
}
