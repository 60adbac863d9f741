import { isOwn } from '../../src/data/dataset.ts';
import { fromText, type Specs, type Value } from '../../src/hparams.ts';
import type { SettingsGroup } from '../../src/train/settings.ts';
import type { RunSpec } from '../../src/worker/protocol.ts';
import { acceptedData, type Catalogue, type MethodInfo, settingsOn } from './catalogue.ts';

/** A method's address: data, seed, backend, the settings that differ from their defaults, and the kept run that it stands for. */
export type Search = Readonly<Record<string, Value>>;

/** Keeps what can be a setting at all; which of them are, only the method knows. */
export const keepPrimitives = (raw: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(raw).flatMap(([key, value]): [string, Value][] =>
      typeof value === 'string'
        ? [[key, fromText(value)]]
        : typeof value === 'number' || typeof value === 'boolean'
          ? [[key, value]]
          : value == null
            ? []
            : [[key, JSON.stringify(value)]],
    ),
  );

export const backends = ['auto', 'webgpu', 'webgl', 'wasm'] as const;
export const backendNames = { auto: 'Auto', webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'Wasm', cpu: 'CPU' } as const;
export const maxSeed = 2 ** 31 - 1;

/** A run as its address describes it, complete and valid, and what was wrong with the address. */
export type Plan = {
  readonly spec: RunSpec;
  readonly groups: readonly SettingsGroup[];
  readonly specs: Specs;
  /** The settings that differ from their defaults. */
  readonly changed: Readonly<Record<string, Value>>;
  readonly problems: readonly string[];
};

/** Reads an address; every bad value is named and replaced by its default. */
export function readSearch(method: MethodInfo, datasets: Catalogue['datasets'], search: Search): Plan {
  const problems: string[] = [];
  const accepted = acceptedData(method);
  const take = <T extends Value>(key: string, fallback: T, wrong: (value: Value) => string | null): T => {
    const value = Object.hasOwn(search, key) ? search[key] : undefined;
    if (value === undefined) return fallback;
    const problem = wrong(value);
    if (problem) problems.push(`${key} ${problem}; ${JSON.stringify(fallback)} is used instead`);
    return problem ? fallback : (value as T);
  };
  const oneOf = (names: readonly string[]) => (value: Value) =>
    names.includes(String(value)) ? null : `must be one of ${names.join(', ')}, got ${JSON.stringify(value)}`;

  const data = take('data', accepted[0]!, (value) => {
    if (!isOwn(String(value))) return oneOf(accepted.filter((id) => !isOwn(id)))(value);
    return accepted.includes(String(value))
      ? null
      : `names a set of your own that is not on this device (${value}): import it on the Data page`;
  });
  const backend = take<RunSpec['backend']>('backend', 'auto', oneOf(backends));
  const seed = take('seed', 0, (value) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxSeed
      ? null
      : `must be a whole number from 0 to ${maxSeed}, got ${JSON.stringify(value)}`,
  );

  const groups = settingsOn(method, data)!;
  const specs: Specs = Object.assign({}, ...groups.map((group) => group.specs));
  const settings = Object.fromEntries(Object.entries(specs).map(([key, spec]) => [key, take(key, spec.default, spec.check)]));
  for (const key of Object.keys(search))
    if (!['data', 'seed', 'backend', 'run'].includes(key) && !Object.hasOwn(specs, key))
      problems.push(`${key} is no setting of ${method.name} on ${datasets[data]!.name}; it is left out`);
  const changed = Object.fromEntries(Object.entries(settings).filter(([key, value]) => value !== specs[key]!.default));
  return { spec: { method: method.id, data, seed, backend, settings }, groups, specs, changed, problems };
}

/** A run's plan, from its spec. */
export const planOf = (method: MethodInfo, datasets: Catalogue['datasets'], { data, seed, backend, settings }: RunSpec): Plan =>
  readSearch(method, datasets, { ...settings, data, seed, backend });

/** The shortest address of a run: what equals its default is left out. */
export function toSearch(spec: RunSpec, specs: Specs, defaultData: string): Search {
  const changed = Object.entries(specs).filter(
    ([key, { default: value }]) => spec.settings[key] !== undefined && spec.settings[key] !== value,
  );
  return {
    ...(spec.data === defaultData ? {} : { data: spec.data }),
    ...(spec.seed === 0 ? {} : { seed: spec.seed }),
    ...(spec.backend === 'auto' ? {} : { backend: spec.backend }),
    ...Object.fromEntries(changed.map(([key]) => [key, spec.settings[key]!])),
  };
}
