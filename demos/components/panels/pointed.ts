import { type KeyboardEvent, type PointerEvent, useCallback, useState } from 'react';
import { pointerAt } from './canvas.ts';

type Places = {
  /** What lies at a place of the element, in CSS pixels from its upper left corner. */
  readonly at: (x: number, y: number, element: Element) => number | null;
  /** Where a key leads from what is chosen, or from nothing; null where it leads nowhere. */
  readonly move: (from: number | null, key: string, element: Element) => number | null;
  /** Whether what is chosen is let go when the pointer or the focus leaves. */
  readonly lets?: boolean;
};

/** One of many things on a canvas, chosen by pointing at it or by the arrow keys. */
export function usePointed({ at, move, lets = false }: Places) {
  const [chosen, setChosen] = useState<number | null>(null);
  const point = useCallback(
    (event: PointerEvent) => {
      const { x, y } = pointerAt(event);
      setChosen(at(x, y, event.currentTarget));
    },
    [at],
  );
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const next = event.ctrlKey || event.metaKey || event.altKey ? null : move(chosen, event.key, event.currentTarget);
      if (next === null) return;
      event.preventDefault();
      setChosen(next);
    },
    [move, chosen],
  );
  const letGo = lets ? () => setChosen(null) : undefined;
  return { chosen, setChosen, handlers: { onPointerMove: point, onPointerDown: point, onPointerLeave: letGo, onBlur: letGo, onKeyDown } };
}
