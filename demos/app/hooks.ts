import { type RefObject, useEffect, useSyncExternalStore } from 'react';
import type { RunState, Session } from './run.ts';

/** Part of the run's state; `select` must give the same reference for the same state. */
export const useRun = <T>(session: Session, select: (state: RunState) => T): T =>
  useSyncExternalStore(session.subscribe, () => select(session.get()));

const typing =
  'input, textarea, select, [contenteditable], [role="slider"], [role="application"], [role="combobox"], [role="listbox"], [role="grid"]';
const pressing = `${typing}, button, a, summary, [role="tab"], [role="button"], [role="switch"]`;

/** Single keys of the page, left alone while a control has the focus (Space presses buttons, letters are typed). */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const action = keys[event.key.toLowerCase()];
      const target = event.target instanceof Element ? event.target : null;
      if (!action || target?.closest(event.key === ' ' ? pressing : typing)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [keys]);
}

/** Calls back when an element comes on screen or leaves it. */
export function useOnScreen(ref: RefObject<Element | null>, tell: (onScreen: boolean) => void): void {
  useEffect(() => {
    if (!ref.current) return;
    const observer = new IntersectionObserver((entries) => tell(entries.at(-1)?.isIntersecting ?? false), { rootMargin: '100px' });
    observer.observe(ref.current);
    return () => {
      observer.disconnect();
      tell(false);
    };
  }, [ref, tell]);
}
