import {
  cloneElement,
  type FocusEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactElement,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { createPortal } from 'react-dom';
import css from './Tip.module.css';

/** What a tip listens to on the control that it explains; a control with a tip has none of these of its own. */
type Hooks = {
  'aria-describedby'?: string | undefined;
  onPointerEnter?: (event: PointerEvent) => void;
  onMouseEnter?: (event: MouseEvent) => void;
  onMouseLeave?: () => void;
  onFocus?: (event: FocusEvent) => void;
  onBlur?: () => void;
};

type Props = {
  readonly label: string;
  /** `hover`: for the mouse only. A click gives some controls the focus: a tip that stays for that would lie over what is beside them. */
  readonly on?: 'hover' | 'all';
  /** Milliseconds under the mouse until it shows. */
  readonly delay?: number;
  readonly children: ReactElement<Hooks>;
};

/**
 * A line that explains a control while the mouse or the keyboard's focus is on it; Escape closes it. Mantine's does the same, but
 * brings a library for placing that is a tenth of what a page loads first.
 */
export function Tip({ label, on = 'all', delay = 250, children }: Props) {
  const id = useId();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const wait = useRef<number | undefined>(undefined);
  const pointer = useRef('');
  const close = useCallback(() => {
    clearTimeout(wait.current);
    setAnchor(null);
  }, []);
  useEffect(() => () => clearTimeout(wait.current), []);
  const all = on === 'all';
  return (
    <>
      {cloneElement(children, {
        ...(anchor ? { 'aria-describedby': id } : {}),
        onPointerEnter: ({ pointerType }) => {
          pointer.current = pointerType;
        },
        // Of a touch the browser makes a mouse that rests there until the next.
        onMouseEnter: ({ currentTarget }) => {
          clearTimeout(wait.current);
          if (all || pointer.current === 'mouse') wait.current = window.setTimeout(() => setAnchor(currentTarget), delay);
        },
        onMouseLeave: close,
        ...(all && { onFocus: ({ currentTarget }) => currentTarget.matches(':focus-visible') && setAnchor(currentTarget), onBlur: close }),
      })}
      {anchor && <Shown id={id} label={label} anchor={anchor} close={close} />}
    </>
  );
}

const gap = 7;
const margin = 8;

/** Above its control, or below where there is no room, and never over the window's edge. */
function Shown({ id, label, anchor, close }: { id: string; label: string; anchor: Element; close: () => void }) {
  const tip = useRef<HTMLSpanElement>(null);
  // Into the top layer; browsers before 2024 have none, and show it where it is.
  useLayoutEffect(() => tip.current?.showPopover?.(), []);
  useLayoutEffect(() => {
    const place = () => {
      const { left, right, top, bottom } = anchor.getBoundingClientRect();
      const { style, dataset, offsetWidth: width, offsetHeight: height } = tip.current!;
      const middle = (left + right) / 2;
      const x = Math.max(margin, Math.min(middle - width / 2, document.documentElement.clientWidth - width - margin));
      const above = top >= height + gap;
      dataset.side = above ? 'above' : 'below';
      style.left = `${x}px`;
      style.top = `${above ? top - height - gap : bottom + gap}px`;
      style.setProperty('--middle', `${middle - x}px`);
    };
    place();
    const until = new AbortController();
    const options = { capture: true, signal: until.signal };
    addEventListener('scroll', place, options);
    addEventListener('resize', place, options);
    addEventListener('keydown', ({ key }) => key === 'Escape' && close(), options);
    addEventListener('pointerdown', ({ target }) => anchor.contains(target as Node) || close(), options);
    return () => until.abort();
  }, [anchor, label, close]);
  // Not beside its control, where a layout might count it, but inside the main landmark, where screen readers look for it.
  return createPortal(
    <span ref={tip} id={id} role="tooltip" popover="manual" className={css.tip}>
      {label}
    </span>,
    document.getElementById('main') ?? document.body,
  );
}
