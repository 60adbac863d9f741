import { createHashHistory, createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Broken, Busy } from '../components/Notice.tsx';
import { NotFound } from '../pages/NotFound.tsx';
import { loadMethod, loadMethods } from './catalogue.ts';
import { Shell } from './Shell.tsx';
import { keepPrimitives } from './search.ts';

const root = createRootRoute({ component: Shell, notFoundComponent: () => <NotFound /> });

const gallery = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/Gallery.tsx'), 'Gallery'),
});

// A loader runs beside the import of its page.
const data = createRoute({
  getParentRoute: () => root,
  path: '/data',
  validateSearch: ({ set }: Record<string, unknown>): { set?: string } => (typeof set === 'string' ? { set } : {}),
  loader: loadMethods,
  component: lazyRouteComponent(() => import('../pages/Data.tsx'), 'Data'),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  loader: loadMethods,
  component: lazyRouteComponent(() => import('../pages/Runs.tsx'), 'Runs'),
});

const bench = createRoute({
  getParentRoute: () => root,
  path: '/bench',
  loader: loadMethods,
  component: lazyRouteComponent(() => import('../pages/Bench.tsx'), 'Bench'),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  validateSearch: keepPrimitives,
  loader: loadMethods,
  component: lazyRouteComponent(() => import('../pages/Compare.tsx'), 'Compare'),
});

const experiments = createRoute({
  getParentRoute: () => root,
  path: '/experiments',
  loader: loadMethods,
  component: lazyRouteComponent(() => import('../pages/Experiments.tsx'), 'Experiments'),
});

const experiment = createRoute({
  getParentRoute: () => root,
  path: '/experiment/$id',
  loader: loadMethods,
  component: lazyRouteComponent(() => import('../pages/Experiment.tsx'), 'Experiment'),
});

/** The search holds data, seed, backend and every setting that differs from its default; the page checks it against the method. */
const method = createRoute({
  getParentRoute: () => root,
  path: '/method/$id',
  validateSearch: keepPrimitives,
  loader: ({ params }) => loadMethod(params.id),
  component: lazyRouteComponent(() => import('../pages/MethodPage.tsx'), 'MethodPage'),
});

/** Hash history: the built site works from any sub-path of any static host. */
export const router = createRouter({
  routeTree: root.addChildren([gallery, data, runs, compare, experiments, experiment, bench, method]),
  history: createHashHistory(),
  defaultPendingComponent: () => <Busy label="Loading…" />,
  defaultPendingMs: 150,
  defaultErrorComponent: ({ error, reset }) => <Broken error={error} retry={() => void router.invalidate().then(reset)} />,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
