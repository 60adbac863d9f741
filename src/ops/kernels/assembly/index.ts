/** The module's exports. Memory is tfjs's own; nothing here allocates. */
export { pack } from './convolve';
export { adam, columnSums, crop, pad, reluGradient, transpose } from './rows';

import { Convolution, convolve } from './convolve';
import { Outer, outer } from './outer';

/** A whole convolution or sum of outer products, described at `job`. */
export function run(kind: i32, job: usize): void {
  share(kind, job, 0, 1);
}

function share(kind: i32, job: usize, part: i32, parts: i32): void {
  if (kind === 0) convolve(changetype<Convolution>(job), part, parts);
  else outer(changetype<Outer>(job), part, parts);
}
