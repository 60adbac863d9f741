import { type Client, Failed } from '../../../src/worker/client.ts';
import type { Checkpoint, Event, Ready, Request, RunSpec } from '../../../src/worker/protocol.ts';

/** What befalls runs: a loss that is no number at a step, data that are missing, a step that waits. */
export type Fate = { readonly diverges?: number; readonly missing?: boolean; readonly waitsAt?: number; readonly unscored?: boolean };

/** A step of a fake run: which spec, which step; `from` is where its worker began. */
export type Trained = { readonly spec: RunSpec; readonly step: number; readonly from: number };

/** Workers' stand-ins that train at once, a step in each turn of the loop, and write down every step they do. */
export function fakeWorkers(fate: (spec: RunSpec) => Fate = () => ({})) {
  const trained: Trained[] = [];
  let open = 0;
  const connect = (): Client => {
    open++;
    const hear: ((event: Event) => void)[] = [];
    const emit = (event: Event) => closed || hear.forEach((each) => void each(event));
    let closed = false;
    let [spec, step, from, running] = [null as RunSpec | null, 0, 0, false];
    const checkpoint = (): Checkpoint => ({
      spec: spec!,
      step,
      seconds: step / 10,
      order: null,
      tensors: { w: { shape: [1], dtype: 'float32', values: Float32Array.of(step) } },
    });
    const keep = () => emit({ type: 'checkpoint', checkpoint: checkpoint() });
    const turn = () => {
      if (!running || closed) return;
      const { diverges, waitsAt } = fate(spec!);
      if (step + 1 === diverges) {
        running = false;
        const failure = { message: `The loss became NaN at step ${diverges}`, advice: 'Try a smaller learning rate' };
        return emit({ type: 'stopped', failure, checkpoint: checkpoint(), next: null });
      }
      if (step === waitsAt) return void setTimeout(turn, 5);
      step++;
      trained.push({ spec: spec!, step, from });
      emit({ type: 'metrics', step: [step], seconds: [step / 10], metrics: { loss: [1 / step] }, stepsPerSecond: 10 });
      if (step < Number(spec!.settings.steps)) return void setTimeout(turn);
      running = false;
      keep();
      emit({ type: 'phase', phase: 'done', step });
    };
    return {
      ask: async (asked) => {
        if (closed) throw new Failed({ message: 'The run has ended', advice: '' });
        const request: Request = asked;
        if (request.type === 'start') {
          spec = request.spec;
          if (fate(spec).missing) throw new Failed({ message: 'The data are not there', advice: 'Run `npm run data`' });
          step = from = request.from?.step ?? 0;
          const ready: Ready = {
            backend: { name: 'wasm', threads: 1, reason: '', next: null, alternatives: [] },
            parameters: 1,
            steps: Number(spec.settings.steps),
            stepsPerEpoch: 10,
            step,
            artifacts: [],
            scored: !fate(spec).unscored,
          };
          return ready as never;
        }
        if (request.type === 'train') {
          running = step < Number(spec!.settings.steps);
          emit({ type: 'phase', phase: running ? 'running' : 'done', step });
          setTimeout(turn);
        } else if (request.type === 'pause') {
          running = false;
          keep();
          emit({ type: 'phase', phase: 'paused', step });
        } else if (request.type === 'evaluate') return { scores: { knn: 0.5 }, step } as never;
        return { step } as never;
      },
      onEvent: (listener) => {
        hear.push(listener);
        return () => {};
      },
      onCrash: () => () => {},
      close: () => {
        if (!closed) open--;
        closed = true;
      },
    };
  };
  return { connect, trained, open: () => open };
}
