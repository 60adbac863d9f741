/** What a Compare page shows: all of it lies in its address. */
export type Comparison = {
  readonly ids: readonly string[];
  readonly x: 'steps' | 'images' | 'seconds';
  /** Shown one below the other; none: the loss. */
  readonly metrics: readonly string[];
  /** Decay of the moving average, 0 = none. */
  readonly smooth: number;
  readonly logx: boolean;
  readonly logy: boolean;
  /** Runs that differ in nothing but their seed are one line with a band. */
  readonly grouped: boolean;
  /** From the smallest to the largest run, or one standard deviation to both sides. */
  readonly band: 'range' | 'std';
  /** Lines that are switched off, by the id of their first run. */
  readonly off: readonly string[];
};

/** The address as the router keeps it; what is left out has its default. */
export type CompareSearch = {
  runs?: string;
  x?: 'images' | 'seconds';
  metric?: string;
  smooth?: number;
  logx?: true;
  logy?: true;
  group?: 'seeds';
  band?: 'std';
  off?: string;
};

/** As many lines can be told apart. */
export const mostLines = 8;
/** Seeds of one configuration are one line; more runs than this are not read. */
export const mostRuns = 64;
export const defaultSmoothing = 0.6;
export const mostSmoothing = 0.98;

const list = (value: unknown): readonly string[] => {
  const parts = typeof value === 'string' || typeof value === 'number' ? String(value).split(',') : [];
  return [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
};
/** A bare "&logx" counts as well. */
const flag = (value: unknown): boolean => value !== undefined && value !== false && value !== 'false' && value !== 0;

/** Reads an address; what it does not understand has its default. */
export function readComparison(raw: Readonly<Record<string, unknown>>): Comparison {
  const smooth = Number(raw.smooth ?? defaultSmoothing);
  return {
    ids: list(raw.runs),
    x: raw.x === 'images' || raw.x === 'seconds' ? raw.x : 'steps',
    metrics: list(raw.metric),
    smooth: Number.isFinite(smooth) ? Math.min(mostSmoothing, Math.max(0, smooth)) : defaultSmoothing,
    logx: flag(raw.logx),
    logy: flag(raw.logy),
    grouped: raw.group === 'seeds',
    band: raw.band === 'std' ? 'std' : 'range',
    off: list(raw.off),
  };
}

/** The shortest address of a comparison. */
export function writeComparison({ ids, x, metrics, smooth, logx, logy, grouped, band, off }: Comparison): CompareSearch {
  return {
    ...(ids.length > 0 ? { runs: ids.join(',') } : {}),
    ...(x === 'steps' ? {} : { x }),
    ...(metrics.length > 0 ? { metric: metrics.join(',') } : {}),
    ...(smooth === defaultSmoothing ? {} : { smooth }),
    ...(logx ? { logx } : {}),
    ...(logy ? { logy } : {}),
    ...(grouped ? { group: 'seeds' } : {}),
    ...(band === 'std' ? { band } : {}),
    ...(off.length > 0 ? { off: off.join(',') } : {}),
  };
}
