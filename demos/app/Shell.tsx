import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { Logo, Moon, Sun } from '../components/icons.tsx';
import { Tip } from '../components/Tip.tsx';
import { active } from './experiment/active.ts';
import { later } from './later.ts';
import css from './Shell.module.css';
import { useStore } from './store.ts';
import { update } from './updates.ts';

const QueueChip = later(() => import('../components/experiment/QueueChip.tsx').then((module) => module.QueueChip));
const UpdateBar = later(() => import('../components/UpdateBar.tsx').then((module) => module.UpdateBar));

/** Header, main, footer; after a change of page the focus goes to the new page's start. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const experiment = useStore(active);
  const first = useRef(path);
  const newer = useStore(update);
  useEffect(() => {
    if (first.current === path) return;
    first.current = '';
    main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: a skip link is a link; the hash belongs to the router, so the focus is set here */}
      <a
        href="#main"
        className={css.skip}
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className={css.header}>
        <div className={css.bar}>
          <Link to="/" className={css.brand}>
            <Logo />
            <span>Unlabeled</span>
          </Link>
          <nav aria-label="Main" className={css.nav}>
            <Link to="/" activeOptions={{ exact: true }} {...(path.startsWith('/method') ? { 'data-within': true } : {})}>
              Methods
            </Link>
            <Link to="/runs">Runs</Link>
            <Link to="/experiments" {...(path.startsWith('/experiment/') ? { 'data-within': true } : {})}>
              Experiments
            </Link>
            <Link to="/data">Data</Link>
            <Link to="/bench">Bench</Link>
          </nav>
          {experiment !== null && (
            <Suspense>
              <QueueChip />
            </Suspense>
          )}
          <SchemeToggle />
        </div>
      </header>
      {newer && (
        <Suspense>
          <UpdateBar />
        </Suspense>
      )}
      <main id="main" ref={main} tabIndex={-1} className={css.main}>
        <Outlet />
      </main>
    </>
  );
}

/** The system's scheme until pressed; then the reader's choice, which the browser remembers. */
function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <Tip label={`Switch to the ${other} scheme`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`Switch to the ${other} scheme`}
        onClick={() => setColorScheme(other)}
      >
        {scheme === 'dark' ? <Sun /> : <Moon />}
      </ActionIcon>
    </Tip>
  );
}
