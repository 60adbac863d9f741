import { useComputedColorScheme } from '@mantine/core';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Scheme } from './colors.ts';
import { ticks } from './geometry.ts';
import { fixed } from './words.ts';

export type Surface = {
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  readonly scheme: Scheme;
  /** The page's text colour, for axes and captions. */
  readonly ink: string;
};

/**
 * A canvas that is drawn in CSS pixels at the screen's own resolution, again whenever `draw`, its size or the colour scheme changes.
 * Keep `draw` stable (useCallback): its identity is what triggers drawing.
 */
export function useCanvas(draw: (context: CanvasRenderingContext2D, surface: Surface) => void): RefObject<HTMLCanvasElement | null> {
  const ref = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const paint = useCallback(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width === 0 || height === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== high) canvas.height = high;
    context.setTransform(wide / width, 0, 0, high / height, 0, 0);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    const style = getComputedStyle(canvas);
    context.font = `12px ${style.fontFamily}`;
    draw(context, { width, height, ratio, scheme, ink: style.color });
  }, [draw, scheme]);
  useLayoutEffect(paint, [paint]);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new ResizeObserver(paint);
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [paint]);
  return ref;
}

/** The width of an element in CSS pixels, known before the first paint (Mantine's useElementSize comes a frame later, or not at all under load). */
export function useWidth(): { readonly ref: RefObject<HTMLDivElement | null>; readonly width: number } {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

/** Ticks and names of the axes of a square plot over [−reach, reach]², written inside its lower and left edges. */
export function drawAxes(context: CanvasRenderingContext2D, side: number, reach: number, ink: string, names: readonly [string, string]) {
  const unit = side / (2 * reach);
  const marks = ticks(-reach, reach, 8).filter((v) => Math.abs(v) < 0.88 * reach);
  context.fillStyle = ink;
  context.font = context.font.replace('12px', '11px');
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  for (const v of marks) context.fillText(fixed(v, 0), side / 2 + unit * v, side - 4);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const v of marks) if (v > -0.8 * reach) context.fillText(fixed(v, 0), 5, side / 2 - unit * v);
  context.font = context.font.replace('11px', 'italic 13px');
  context.fillText(names[1], 5, 11);
  context.textAlign = 'right';
  context.fillText(names[0], side - 6, side - 11);
}

/** Where a pointer is on an element, in CSS pixels from its upper left corner. */
export function pointerAt(event: { readonly clientX: number; readonly clientY: number; readonly currentTarget: Element }): {
  readonly x: number;
  readonly y: number;
} {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
