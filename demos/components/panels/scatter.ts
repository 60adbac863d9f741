/** A cloud of dots on two canvases: dots below, names and marks above. Draws by itself, apart from React, once a frame at most. */
import { classColor, type Scheme } from './colors.ts';
import { fit, panned, place, type View, viewed, wholeView, zoomed } from './geometry.ts';
import { type Rgb, rgbOf, splat } from './splat.ts';
import { className } from './words.ts';

export type Cloud = {
  /** [x0, y0, x1, …]; the same row is the same dot from one cloud to the next. */
  readonly points: Float32Array;
  readonly labels: Uint8Array;
  readonly hidden: ReadonlySet<number>;
  readonly classes: readonly string[] | undefined;
  /** Whether each class's name is written at the middle of its dots. */
  readonly named: boolean;
  /** Names of the axes, where they mean something. */
  readonly axes: readonly [string, string] | null;
  /** The dots that stand out; the others fade. */
  readonly picked: ReadonlySet<number> | null;
  readonly scheme: Scheme;
  /** Dots jump to their new places instead of moving there. */
  readonly calm: boolean;
};

type Place = readonly [number, number];

const margin = 28;
/** Milliseconds in which dots move to their new places, and after which a picture at rest is drawn sharp. */
const travel = 400;
const rest = 150;
/** A picture that takes more milliseconds than this is drawn coarser while it moves. */
const quick = 8;

export type Scatter = ReturnType<typeof openScatter>;

export function openScatter(below: HTMLCanvasElement, above: HTMLCanvasElement) {
  let cloud: Cloud | null = null;
  let [width, height] = [0, 0];
  let view = wholeView;
  /** Places in the whole picture, in CSS pixels: where dots go, where they came from, where they are. */
  let target: Float32Array = new Float32Array();
  let origin = target;
  let now = target;
  let names: { readonly label: number; readonly from: Place; readonly to: Place }[] = [];
  /** How far dots have come, from 0 to 1. */
  let progress = 1;
  let colors: Rgb[] = [];
  let begun = Number.NEGATIVE_INFINITY;
  let movedAt = Number.NEGATIVE_INFINITY;
  let cost = 0;
  let image: ImageData | null = null;
  let loop: readonly number[] = [];
  let request = 0;
  /** Whether the dots themselves have to be drawn, or only what lies above them. */
  let stale = true;
  let [ink, fontFamily] = ['', ''];
  let timer: ReturnType<typeof setTimeout> | null = null;

  const isVisible = (i: number) => !cloud!.hidden.has(cloud!.labels[i]!);
  const ask = (dots = true) => {
    stale ||= dots;
    request ||= requestAnimationFrame(paint);
  };

  const nameAt = ({ from, to }: { readonly from: Place; readonly to: Place }): Place => [
    from[0] + progress * (to[0] - from[0]),
    from[1] + progress * (to[1] - from[1]),
  ];
  const layOut = () => {
    if (!cloud) return;
    target = place(cloud.points, fit(cloud.points, width, height, margin));
    const { labels } = cloud;
    names = [...new Set(labels)].map((label) => {
      const to = middleOf(target, labels, label);
      const before = names.find((name) => name.label === label);
      return { label, from: before ? nameAt(before) : to, to };
    });
  };

  const paint = (time: number) => {
    request = 0;
    if (!cloud || width === 0 || height === 0) return;
    const t = Math.min(1, (time - begun) / travel);
    progress = t * t * (3 - 2 * t);
    now = t >= 1 ? target : target.map((to, c) => origin[c]! + progress * (to - origin[c]!));
    const moving = t < 1 || time - movedAt < rest;
    const full = window.devicePixelRatio || 1;
    const ratio = moving && cost > quick ? Math.min(1, full) : full;
    if (timer) clearTimeout(timer);
    timer = moving && t >= 1 && ratio < full ? setTimeout(() => ask(), rest) : null;
    if (stale) {
      const began = performance.now();
      drawDots(cloud, ratio);
      if (ratio === full) cost = performance.now() - began;
      stale = false;
    }
    drawOver(cloud, full);
    if (t < 1) ask();
  };

  const drawDots = ({ points, labels, picked }: Cloud, ratio: number) => {
    const context = below.getContext('2d');
    const [wide, high] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (!context) return;
    if (below.width !== wide) below.width = wide;
    if (below.height !== high) below.height = high;
    if (image?.width !== wide || image.height !== high) image = new ImageData(wide, high);
    const size = Math.max(2.2, Math.min(3.2, width / 180)) * (points.length > 6000 ? 0.7 : 1) * Math.min(2, Math.sqrt(view.scale));
    const strong = picked ? 0.95 : 0.8;
    splat(
      image,
      viewed(now, { scale: view.scale * ratio, x: view.x * ratio, y: view.y * ratio }),
      size * ratio - 0.5,
      (i) => colors[labels[i]!]!,
      (i) => (isVisible(i) ? (!picked || picked.has(i) ? strong : 0.12) : 0),
    );
    context.putImageData(image, 0, 0);
  };

  const drawOver = ({ axes, named, classes, hidden, scheme }: Cloud, ratio: number) => {
    const context = above.getContext('2d');
    if (!context) return;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (above.width !== wide) above.width = wide;
    if (above.height !== high) above.height = high;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.fillStyle = context.strokeStyle = ink;
    context.font = `12px ${fontFamily}`;
    if (axes) drawAxes(context, axes, width, height);
    if (named)
      for (const name of names)
        if (!hidden.has(name.label)) {
          const [x, y] = nameAt(name);
          drawName(context, className(classes, name.label), view.scale * x + view.x, view.scale * y + view.y, scheme, fontFamily);
        }
    if (loop.length > 2) {
      context.lineWidth = 2;
      context.setLineDash([5, 4]);
      context.beginPath();
      for (let c = 0; c < loop.length; c += 2) context.lineTo(loop[c]!, loop[c + 1]!);
      context.closePath();
      context.stroke();
      context.setLineDash([]);
    }
  };

  const look = (next: View) => {
    if (next.scale === view.scale && next.x === view.x && next.y === view.y) return;
    view = next;
    movedAt = performance.now();
    ask();
  };
  const observer = new ResizeObserver(() => {
    if (below.clientWidth === width && below.clientHeight === height) return;
    [width, height] = [below.clientWidth, below.clientHeight];
    begun = Number.NEGATIVE_INFINITY;
    view = wholeView;
    layOut();
    ask();
  });
  observer.observe(below);

  return {
    show(next: Cloud) {
      const before = cloud;
      cloud = next;
      ({ color: ink, fontFamily } = getComputedStyle(above));
      colors = Array.from({ length: 256 }, (_, label) => rgbOf(classColor(label, next.scheme)));
      if (before?.points !== next.points || before.labels !== next.labels) {
        const was = now;
        layOut();
        // A dot without a past appears in its place.
        origin = target.map((to, c) => was[c] ?? to);
        begun = was.length > 0 && !next.calm ? performance.now() : Number.NEGATIVE_INFINITY;
      }
      ask();
    },
    /** Draws a lasso [x0, y0, …]; an empty one takes it away. */
    lasso(places: readonly number[]) {
      loop = places;
      ask(false);
    },
    pan: (dx: number, dy: number) => look(panned(view, dx, dy, width, height)),
    zoom: (factor: number, x = width / 2, y = height / 2) => look(zoomed(view, factor, x, y, width, height)),
    reset: () => look(wholeView),
    get scale() {
      return view.scale;
    },
    /** Where dots will be once they have come to rest. */
    places: () => viewed(target, view),
    isVisible,
    size: () => [width, height] as const,
    close() {
      observer.disconnect();
      cancelAnimationFrame(request);
      if (timer) clearTimeout(timer);
      cloud = null;
    },
  };
}

/** The median of a class's dots on each axis. */
function middleOf(points: Float32Array, labels: Uint8Array, label: number): Place {
  const along = (axis: number) => {
    const values: number[] = [];
    for (let i = 0; i < labels.length; i++) if (labels[i] === label) values.push(points[2 * i + axis]!);
    return Float32Array.from(values).sort()[values.length >> 1] ?? 0;
  };
  return [along(0), along(1)];
}

/** Names of the axes along the lower and the left edge. */
function drawAxes(context: CanvasRenderingContext2D, [across, up]: readonly [string, string], width: number, height: number) {
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  context.fillText(across, width - 4, height - 4);
  context.save();
  context.rotate(-Math.PI / 2);
  context.textBaseline = 'top';
  context.fillText(up, -4, 4);
  context.restore();
}

/** A class's name with a rim, so that colour does not stand alone. */
function drawName(context: CanvasRenderingContext2D, name: string, x: number, y: number, scheme: Scheme, fontFamily: string) {
  context.save();
  context.font = `bold 13px ${fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 4;
  context.strokeStyle = scheme === 'dark' ? '#1a1a1a' : '#ffffff';
  context.strokeText(name, x, y);
  context.fillStyle = scheme === 'dark' ? '#ffffff' : '#000000';
  context.fillText(name, x, y);
  context.restore();
}
