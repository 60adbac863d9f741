import type { Dataset } from '../data/dataset.ts';
import type { Specs, Value, Values } from '../hparams.ts';
import type { Context, Method, Objective, Run } from '../methods/method.ts';
import { adam, type Moments } from '../ops/adam.ts';
import { type Rng, rng as stream } from '../ops/random.ts';
import { leaves, map, type Tree, tidy, unflatten } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { checkOrder, createBatcher } from './batches.ts';
import { flatten, parseSettings, settingsOf, type TrainingSettings } from './settings.ts';
import { packTensors, type Snapshot, unpackTensors } from './snapshot.ts';

export type Metrics = Readonly<Record<string, number>>;
type Settings = Values<Specs> & TrainingSettings;

/** One run in progress. It owns its tensors; nobody else keeps or disposes them. */
export type Session = {
  readonly method: Method;
  readonly data: Dataset;
  readonly settings: Settings;
  /** Steps done. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Parameters and state, valid until the next step. */
  readonly run: Run<Tree, Tree>;
  /** Number of trained numbers. */
  readonly parameters: number;
  /** One step: of the optimizer, or the method's own. The metrics arrive when the device has computed them; the step itself is done on return. */
  advance(): Promise<{ readonly metrics: Promise<Metrics> }>;
  /** Changes live settings. Throws if one of them needs a restart, naming it. */
  set(settings: Readonly<Record<string, Value>>): void;
  /** A context for capabilities; `label` names its random stream. */
  context(label: string): Context<Specs>;
  /** The augmented batch that the next step will see. Call inside `tf.tidy`. */
  peek(): ReturnType<ReturnType<typeof createBatcher>['batch']>;
  /** The run as it stands, for what takes long: right though training goes on or ends. Shares its numbers; the caller disposes it. */
  freeze(): Still;
  /** Everything needed to go on elsewhere with the very same curve. */
  snapshot(): Promise<Snapshot>;
  dispose(): void;
};

/** What capabilities and scores need of a run; it must not train meanwhile. */
export type Still = Pick<Session, 'method' | 'data' | 'settings' | 'step' | 'run' | 'context' | 'peek' | 'dispose'>;

export type SessionOptions = {
  readonly seed: number;
  /** Hyperparameters, views and training settings; the rest take their defaults. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Goes on from here instead of from the initial weights. */
  readonly from?: Snapshot;
};

const optimizer = adam();

/**
 * Builds a run on the current backend. Throws on unknown or invalid settings, all named together, and on a snapshot that does not fit
 * the method, the settings or the data.
 */
export function createSession(method: Method, data: Dataset, options: SessionOptions): Session {
  let settings = parseSettings(method, data, options.settings ?? {}) as Settings;
  const root: Rng = stream(options.seed);
  const batcher = createBatcher(data, method.data, settings.batchSize);
  // Before anything is built. Beyond the set a gather reads whatever lies there.
  if (options.from?.order) checkOrder(options.from.order, method, data, settings.batchSize);
  let step = 0;
  let order: Int32Array | null = null;
  const context = (rng: Rng): Context<Specs> => ({
    hp: settings,
    shape: data.shape,
    size: batcher.epochData.size,
    batchSize: settings.batchSize,
    energy: data.kind === 'points' ? (data.energy ?? null) : null,
    classes: 'classes' in data ? data.classes.length : 0,
    rng,
    progress: Math.min(1, step / settings.steps),
  });

  let { params, state } = tidy(() => {
    const first = method.init(context(root.split('init')));
    return { params: map((t) => tf.keep(tf.clone(t)), first.params), state: map((t) => tf.keep(tf.clone(t)), first.state) };
  });
  let moments = optimizer.init(leaves(params));

  if (options.from) {
    const { tensors, step: at, order: rows } = options.from;
    const restored = unpackTensors(tensors, { params, state, m: moments.m, v: moments.v });
    tf.dispose([...leaves(params), ...leaves(state), moments.m, moments.v]);
    params = restored.params;
    state = restored.state;
    moments = { t: at, m: restored.m, v: restored.v };
    step = at;
    order = rows;
  }

  /** Keeps the new tree and frees the tensors of the old one that are not in it. */
  const replace = <T extends Tree>(old: T, next: T): T => {
    const kept = new Set(leaves(next).map((t) => t.id));
    for (const t of leaves(next)) tf.keep(t);
    for (const t of leaves(old)) if (!kept.has(t.id)) t.dispose();
    return next;
  };

  const replaceMoments = ({ t, m, v }: Moments) => {
    moments = { t, m: replace(moments.m, m), v: replace(moments.v, v) };
  };

  const beginEpoch = async (): Promise<Metrics> => {
    if (!method.epoch) return {};
    const result = await method.epoch(params, state, batcher.epochData, context(root.split('epoch', step)));
    const replaced = new Set<number>();
    const fresh = { ...(params as Record<string, Tree>), ...(result.params as Record<string, Tree> | undefined) } as Tree;
    leaves(fresh).forEach((t, i) => {
      if (t.id !== leaves(params)[i]?.id) replaced.add(i);
    });
    if (replaced.size > 0) replaceMoments(tidy(() => optimizer.reset(leaves(params), moments, replaced)));
    params = replace(params, fresh);
    state = replace(state, result.state);
    order = result.order ?? null;
    return result.metrics ?? {};
  };

  const learningRate = () =>
    settings.schedule === 'cosine'
      ? (settings.learningRate * (1 + Math.cos(Math.PI * Math.min(1, step / settings.steps)))) / 2
      : settings.learningRate;

  /** Forward, backward, optimizer and `after`: one step, without waiting for the device. */
  const update = (): Record<string, tf.Scalar> => {
    const c = context(root.split('step', step));
    let extra: Omit<Objective<Tree>, 'loss'> = {};
    const result = tidy(() => {
      const batch = batcher.batch(step, order, settings, root);
      const flat = leaves(params);
      const forward = () => {
        const { loss, metrics = {}, aux = {} } = method.loss(params, state, batch, c);
        // What leaves the gradient's own tidy must be kept by hand.
        extra = { metrics: map((t) => tf.keep(tf.clone(t)), metrics), aux: map((t) => tf.keep(tf.clone(t)), aux) };
        return loss;
      };
      // A parameter that the loss does not use now (a predictor switched off) has no gradient: null.
      const { value, grads } = tf.engine().gradients(forward, flat, undefined, true);
      const complete = grads.map((g: tf.Tensor | null, i) => g ?? tf.zerosLike(flat[i]!));
      const updated = optimizer.update(flat, complete, moments, learningRate(), settings.weightDecay);
      const next = unflatten(params, updated.params);
      const nextState = method.after ? method.after(next, state, extra.aux ?? {}, c) : state;
      return { loss: value as tf.Scalar, next, nextState, moments: updated.moments };
    });
    // What the state took over lives on.
    const taken = new Set(leaves(result.nextState).map((t) => t.id));
    tf.dispose(leaves(extra.aux ?? {}).filter((t) => !taken.has(t.id)));
    params = replace(params, result.next);
    state = replace(state, result.nextState);
    replaceMoments(result.moments);
    step += 1;
    return { loss: result.loss, ...extra.metrics };
  };

  /** The step of a method that iterates instead. */
  const iterate = async (next: NonNullable<Method['iterate']>): Promise<Metrics> => {
    const found = await next.call(method, state, context(root.split('step', step)));
    state = replace(state, found.state);
    step += 1;
    return found.metrics;
  };

  return {
    method,
    data,
    get settings() {
      return settings;
    },
    get step() {
      return step;
    },
    stepsPerEpoch: batcher.stepsPerEpoch,
    get run() {
      return { params, state };
    },
    parameters: leaves(params).reduce((n, t) => n + t.size, 0),
    advance: async () => {
      if (method.iterate) return { metrics: Promise.resolve(await iterate(method.iterate)) };
      const ofEpoch = step % batcher.stepsPerEpoch === 0 ? await beginEpoch() : {};
      const scalars = update();
      const read = async () => {
        const values = await Promise.all(Object.entries(scalars).map(async ([name, t]) => [name, (await t.data())[0]!] as const));
        tf.dispose(scalars);
        return { ...Object.fromEntries(values), ...ofEpoch };
      };
      return { metrics: read() };
    },
    set: (changes) => {
      const specs = flatten(settingsOf(method, data));
      const fixed = Object.keys(changes).filter((key) => specs[key]?.when === 'restart' && changes[key] !== settings[key]);
      if (fixed.length) throw new Error(`${fixed.join(', ')} cannot change during a run: reset it and start again`);
      settings = parseSettings(method, data, { ...settings, ...changes }) as Settings;
    },
    context: (label) => context(root.split('evaluate', label, step)),
    peek: () => batcher.batch(step, order, settings, root),
    freeze: () => {
      const held = { params: map((t) => tf.keep(tf.clone(t)), params), state: map((t) => tf.keep(tf.clone(t)), state) };
      const [at, fixed, rows, under] = [step, context(root), order, settings];
      return {
        method,
        data,
        settings: under,
        step: at,
        run: held,
        context: (label) => ({ ...fixed, rng: root.split('evaluate', label, at) }),
        peek: () => batcher.batch(at, rows, under, root),
        dispose: () => tf.dispose(leaves(held)),
      };
    },
    snapshot: async () => ({
      step,
      order,
      tensors: await packTensors({ params, state, m: moments.m, v: moments.v }),
    }),
    dispose: () => {
      tf.dispose([...leaves(params), ...leaves(state), moments.m, moments.v]);
      batcher.dispose();
    },
  };
}
