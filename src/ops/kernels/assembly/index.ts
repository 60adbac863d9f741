/** The module's exports. Memory is tfjs's own; nothing here allocates. */
export { pack } from './convolve';
export { depthwiseFilter, depthwiseInput } from './depthwise';
export { adam, addParts, columnSums, copyRows, pad, reluGradient, transpose } from './rows';

import { Convolution, convolve } from './convolve';
import { Outer, outer } from './outer';

/** How the threads find their work. Each waits for the generation to change, does its part, and lowers `pending`. */
@unmanaged
class Control {
  generation: i32;
  pending: i32;
  kind: i32;
  job: usize;
  parts: i32;
}
const pendingAt: usize = 4;
/** Looks at a word that another thread will change, before going to sleep: some ten microseconds. */
const looks = 10_000;

/** A whole convolution (kind 0) or sum of outer products (kind 1), described at `job`, in as many parts as there are threads. */
export function run(kind: i32, job: usize, control: usize, parts: i32): void {
  if (ASC_FEATURE_THREADS && parts > 1) {
    const shared = changetype<Control>(control);
    shared.kind = kind;
    shared.job = job;
    shared.parts = parts;
    atomic.store<i32>(control, parts - 1, pendingAt);
    atomic.add<i32>(control, 1);
    atomic.notify(control, parts - 1);
    share(kind, job, 0, parts);
    for (;;) {
      const pending = atomic.load<i32>(control, pendingAt);
      if (pending === 0) return;
      await32(control + pendingAt, pending);
    }
  }
  share(kind, job, 0, 1);
}

/** The life of thread number `part` (the caller of `run` is number 0). */
export function serve(control: usize, part: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  const shared = changetype<Control>(control);
  for (let seen = 0; ; seen++) {
    while (atomic.load<i32>(control) === seen) await32(control, seen);
    share(shared.kind, shared.job, part, shared.parts);
    atomic.sub<i32>(control, 1, pendingAt);
    atomic.notify(control + pendingAt, 1);
  }
}

/** Returns when the word at `at` is no longer `old`, or sometimes before. */
function await32(at: usize, old: i32): void {
  for (let i = 0; i < looks; i++) if (atomic.load<i32>(at) !== old) return;
  atomic.wait<i32>(at, old, -1);
}

function share(kind: i32, job: usize, part: i32, parts: i32): void {
  if (kind === 0) convolve(changetype<Convolution>(job), part, parts);
  else outer(changetype<Outer>(job), part, parts);
}
