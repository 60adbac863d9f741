/**
 * One declaration per hyperparameter. It gives the static type, the default, the check, the control on the page,
 * the URL key, the command-line flag and the row in the docs.
 */
export type Control =
  | { readonly kind: 'slider'; readonly min: number; readonly max: number; readonly scale: 'linear' | 'log'; readonly integer: boolean }
  | { readonly kind: 'select'; readonly options: readonly string[] }
  | { readonly kind: 'switch' }
  /** A line of text; `pattern` is the regular expression that all of it must match, `expected` the same in words. */
  | { readonly kind: 'text'; readonly pattern: string; readonly expected: string };

export type Value = number | string | boolean;

export type Spec<T extends Value = Value> = {
  readonly default: T;
  /** One line; opens with the paper's symbol where it has one. */
  readonly doc: string;
  /** `live` values are read at every step; `restart` values shape the network or the data. */
  readonly when: 'live' | 'restart';
  readonly control: Control;
  /** Returns what is wrong with a value ("must lie in …, got …"), or null. */
  readonly check: (value: unknown) => string | null;
};

export type Specs = Readonly<Record<string, Spec>>;
export type Values<S extends Specs> = { readonly [K in keyof S]: S[K] extends Spec<infer T> ? T : never };

type Range = {
  readonly min: number;
  readonly max: number;
  readonly doc: string;
  readonly scale?: 'linear' | 'log';
  readonly when?: 'live' | 'restart';
};

/** What is wrong with a value for a control ("must lie from …, got …"), or null. */
function problem(control: Control, value: unknown): string | null {
  if (control.kind === 'switch') return typeof value === 'boolean' ? null : `must be true or false, got ${JSON.stringify(value)}`;
  if (control.kind === 'select')
    return control.options.includes(value as string) ? null : `must be one of ${control.options.join(', ')}, got ${JSON.stringify(value)}`;
  if (control.kind === 'text')
    return typeof value === 'string' && new RegExp(`^(?:${control.pattern})$`).test(value)
      ? null
      : `must be ${control.expected}, got ${JSON.stringify(value)}`;
  const { min, max, integer } = control;
  if (typeof value !== 'number' || !Number.isFinite(value)) return `must be a number from ${min} to ${max}, got ${JSON.stringify(value)}`;
  if (value < min || value > max) return `must lie from ${min} to ${max}, got ${value}`;
  return integer && !Number.isInteger(value) ? `must be a whole number from ${min} to ${max}, got ${value}` : null;
}

/** A spec from its data alone, which may have travelled as JSON. Throws if its default is none. */
export function spec<T extends Value>(data: Omit<Spec<T>, 'check'>): Spec<T> {
  const check = (value: unknown) => problem(data.control, value);
  const wrong = check(data.default);
  if (wrong) throw new Error(`A hyperparameter's own default ${wrong}`);
  return { ...data, check };
}

const number =
  (integer: boolean) =>
  (value: number, { min, max, doc, scale = 'linear', when = integer ? 'restart' : 'live' }: Range): Spec<number> =>
    spec({ default: value, doc, when, control: { kind: 'slider', min, max, scale, integer } });

/** A real number in [min, max]; read at every step unless `when: 'restart'`. */
export const real = number(false);
/** A whole number in [min, max]; shapes the network, so it restarts the run unless `when: 'live'`. */
export const int = number(true);

/** One of a few names. */
export const choice = <const T extends string>(
  value: NoInfer<T>,
  options: readonly T[],
  { doc, when = 'restart' }: { doc: string; when?: 'live' | 'restart' },
): Spec<T> => spec<T>({ default: value, doc, when, control: { kind: 'select', options } });

/** On or off. */
export const flag = (value: boolean, { doc, when = 'live' }: { doc: string; when?: 'live' | 'restart' }): Spec<boolean> =>
  spec({ default: value, doc, when, control: { kind: 'switch' } });

/** A line of text in a small language of its own: a stack of layers, the edges of a graph. */
export const text = (
  value: string,
  { doc, pattern, expected, when = 'restart' }: { doc: string; pattern: RegExp; expected: string; when?: 'live' | 'restart' },
): Spec<string> => spec({ default: value, doc, when, control: { kind: 'text', pattern: pattern.source, expected } });

export const defaults = <S extends Specs>(specs: S): Values<S> =>
  Object.fromEntries(Object.entries(specs).map(([key, spec]) => [key, spec.default])) as Values<S>;

/** What is wrong with the given values, as key → sentence; empty when all is well. */
export const problems = (specs: Specs, given: Readonly<Record<string, unknown>>): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
    const wrong = spec ? spec.check(value) : `is not a hyperparameter (known: ${Object.keys(specs).join(', ')})`;
    if (wrong) found[key] = wrong;
  }
  return found;
};

/** Fills in the defaults. Throws one error that names every unknown key and every value out of range. */
export function parse<S extends Specs>(specs: S, given: Readonly<Record<string, unknown>> = {}): Values<S> {
  const found = Object.entries(problems(specs, given));
  if (found.length) throw new Error(found.map(([key, wrong]) => `${key} ${wrong}`).join('\n'));
  return { ...defaults(specs), ...given } as Values<S>;
}

/** Reads a value from text (a URL or the command line): "0.5" → 0.5, "true" → true. Left as text where it is neither. */
export const fromText = (text: string): Value =>
  text === 'true' ? true : text === 'false' ? false : text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
