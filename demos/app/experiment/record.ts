import type { RunSpec } from '../../../src/train/record.ts';
import { isDate, isPositive, isRecord } from '../remembered.ts';

export const budgetKinds = ['steps', 'images', 'seconds'] as const;
/** What every run of an experiment may spend: optimizer steps, images (or points) seen, or seconds of training. */
export type Budget = { readonly kind: (typeof budgetKinds)[number]; readonly amount: number };

export const cellStates = ['waiting', 'running', 'done', 'failed', 'skipped'] as const;

/** One run of an experiment, before, while and after it trains. */
export type Cell = {
  readonly spec: RunSpec;
  /** The run's id, given before it begins: after a crash it is found by it, and goes on. */
  readonly run: string | null;
  /** `running` in an experiment that nobody trains: its tab was closed or crashed. */
  readonly state: (typeof cellStates)[number];
  /** Why it failed. */
  readonly reason: string | null;
  /** With a budget in seconds: the speed that gave the number of steps, once it is known. */
  readonly pace: { readonly msPerStep: number; readonly by: 'seen' | 'measured' } | null;
};

/** Runs that belong together, and how far they are. Plain data: it is stored as it is. */
export type Experiment = {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** The preset that it was made from, which says what to look at. */
  readonly preset: string | null;
  readonly budget: Budget;
  /** The names of the reader's own sets among its data, by id: one that is deleted later can still be named. */
  readonly own?: Readonly<Record<string, string>>;
  readonly cells: readonly Cell[];
  /** Paused on purpose: it does not go on by itself. */
  readonly paused: boolean;
  /** In the line of those that begin when others have ended: since when, in milliseconds. Its order is theirs. */
  readonly waits?: number | null;
  /** When it was thrown away, in milliseconds; it can come back until the next visit. */
  readonly deleted: number | null;
};

/** A new experiment of these runs; none has begun. */
export const experimentOf = (
  specs: readonly RunSpec[],
  { name, budget, preset, own }: Pick<Experiment, 'name' | 'budget' | 'preset' | 'own'>,
  id: string = crypto.randomUUID(),
): Experiment => ({
  id,
  name,
  note: '',
  created: new Date().toISOString(),
  preset,
  budget,
  ...(own ? { own } : {}),
  cells: specs.map((spec) => ({ spec, run: null, state: 'waiting', reason: null, pace: null })),
  paused: false,
  deleted: null,
});

/** Whether a run still has something to train. */
export const isOpen = ({ state }: Cell): boolean => state === 'waiting' || state === 'running';

/** Whether all its runs are done, failed or skipped. */
export const isOver = ({ cells }: Experiment): boolean => !cells.some(isOpen);

/** Those that wait for others to end, the next one first. */
export const lineOf = (all: readonly Experiment[]): Experiment[] =>
  all.filter((each) => each.waits != null && each.deleted === null && !isOver(each)).sort((a, b) => a.waits! - b.waits!);

/** What an experiment in line waits for: the one before it, else the one that trains, here (`here` is its id) or in another tab. */
export function waitsFor(all: readonly Experiment[], { id }: Experiment, here: string | null): Experiment | null {
  const line = lineOf(all);
  const before = line[line.findIndex((each) => each.id === id) - 1];
  const others = all.filter((each) => each.id !== id);
  const elsewhere = ({ paused, cells }: Experiment) => !paused && cells.some(({ state }) => state === 'running');
  return before ?? others.find((each) => each.id === here) ?? others.find(elsewhere) ?? null;
}

export const withCell = (experiment: Experiment, index: number, change: Partial<Cell>): Experiment => ({
  ...experiment,
  cells: experiment.cells.map((cell, i) => (i === index ? { ...cell, ...change } : cell)),
});

/** What the reader does to an experiment. Whoever trains it sees the change and follows it, in another tab too. */
export const paused = (now: Experiment): Experiment => ({ ...now, paused: true });
export const skipped = (cell: number) => (now: Experiment) =>
  now.cells[cell] && isOpen(now.cells[cell]) ? withCell(now, cell, { state: 'skipped' }) : now;
export const retried = (cell: number) => (now: Experiment) => withCell(now, cell, { state: 'waiting', reason: null });
export const ended = (now: Experiment): Experiment => ({
  ...now,
  cells: now.cells.map((cell) => (isOpen(cell) ? { ...cell, state: 'skipped' } : cell)),
});

/** Puts an experiment in line, where it keeps its place; out of the line it is paused. */
export const linedUp = (now: Experiment): Experiment => (isOver(now) ? now : { ...now, paused: false, waits: now.waits ?? Date.now() });
export const cancelled = (now: Experiment): Experiment => ({ ...now, paused: true, waits: null });

const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrNull = (value: unknown) => value === null || isText(value);
const isOneOf = (names: readonly string[], value: unknown) => isText(value) && names.includes(value);

const isSpec = (value: unknown): boolean =>
  isRecord(value) &&
  [value.method, value.data, value.backend].every(isText) &&
  Number.isInteger(value.seed) &&
  isRecord(value.settings) &&
  Object.values(value.settings).every((each) => ['number', 'string', 'boolean'].includes(typeof each));

const isPace = (value: unknown): boolean =>
  value === null || (isRecord(value) && isPositive(value.msPerStep) && isOneOf(['seen', 'measured'], value.by));

const isCell = (value: unknown): boolean =>
  isRecord(value) &&
  isSpec(value.spec) &&
  isTextOrNull(value.run) &&
  isOneOf(cellStates, value.state) &&
  isTextOrNull(value.reason) &&
  isPace(value.pace);

/** An experiment as it was stored; null for what is none (of another version, or damaged). */
export const readExperiment = (value: unknown): Experiment | null =>
  isRecord(value) &&
  [value.id, value.name, value.note].every(isText) &&
  isDate(value.created) &&
  isTextOrNull(value.preset) &&
  isRecord(value.budget) &&
  isOneOf(budgetKinds, value.budget.kind) &&
  isPositive(value.budget.amount) &&
  (value.own === undefined || (isRecord(value.own) && Object.values(value.own).every(isText))) &&
  Array.isArray(value.cells) &&
  value.cells.length > 0 &&
  value.cells.every(isCell) &&
  typeof value.paused === 'boolean' &&
  (value.waits == null || typeof value.waits === 'number') &&
  (value.deleted === null || typeof value.deleted === 'number')
    ? (value as Experiment)
    : null;
