import type { KeptRun, RunCurve } from '../record.ts';
import type { PackedTensor, PackedTensors } from '../snapshot.ts';

/**
 * What no schema of JSON can say: that curve, checkpoint and record fit each other. Throws an Error that begins with `who` and
 * names the tensor or key.
 */
export function checkRun({ record, curve, checkpoint }: KeptRun, who: string): void {
  const fail: Fail = (what) => {
    throw new Error(`${who}: ${what}`);
  };
  checkCurve(curve, fail);
  inOrder('record.changes', record.changes, fail);
  inOrder('record.scores', record.scores, fail);
  if (!checkpoint) return;
  const { spec, order, tensors } = checkpoint;
  for (const key of ['method', 'data', 'seed'] as const)
    if (spec[key] !== record.spec[key])
      fail(`its checkpoint belongs to another run: its ${key} is ${spec[key]}, and the record's is ${record.spec[key]}`);
  if (order?.some((row) => row < 0)) fail('the tensor "order" holds a negative row');
  checkWeights(tensors, record.parameters, fail);
}

type Fail = (what: string) => never;

function checkCurve({ steps, seconds, columns }: RunCurve, fail: Fail): void {
  // Names within a safetensors file are one namespace.
  for (const taken of ['steps', 'seconds']) if (Object.hasOwn(columns, taken)) fail(`a metric cannot be named "${taken}"`);
  const all: readonly [string, Float32Array][] = Object.entries({ seconds, ...columns });
  for (const [name, values] of all) {
    if (values.length !== steps.length) fail(`the tensor "curve.${name}" has ${values.length} rows, and "curve.steps" ${steps.length}`);
    const bad = values.findIndex((value) => !(Number.isFinite(value) || (Number.isNaN(value) && name !== 'seconds')));
    if (bad >= 0)
      fail(
        `the tensor "curve.${name}" is ${values[bad]} in row ${bad}; expected a finite number${name === 'seconds' ? '' : ', or NaN where it is absent'}`,
      );
  }
  const falls = steps.findIndex((step, i) => step <= (steps[i - 1] ?? 0));
  if (falls >= 0) fail(`the steps of the curve must rise from 1 on, but row ${falls} is step ${steps[falls]}`);
  const early = seconds.findIndex((value) => value < 0);
  if (early >= 0) fail(`the tensor "curve.seconds" is ${seconds[early]} in row ${early}; expected no negative time`);
}

function inOrder(name: string, rows: readonly { readonly step: number }[], fail: Fail): void {
  const falls = rows.findIndex(({ step }, i) => step < (rows[i - 1]?.step ?? 0));
  if (falls >= 0)
    fail(`${name} must be in the order of steps, but [${falls}] is of step ${rows[falls]!.step} after ${rows[falls - 1]!.step}`);
}

const sizeOf = ({ shape }: PackedTensor) => shape.reduce((n, side) => n * side, 1);

function checkWeights(tensors: PackedTensors, parameters: number, fail: Fail): void {
  let trained = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const { shape, dtype, values } = tensor;
    if (!/^(m|v|(params|state)\.[^.].*)$/.test(name)) fail(`the tensor "${name.slice(0, 100)}" is none of params.*, state.*, m and v`);
    if (sizeOf(tensor) !== values.length) fail(`the tensor "${name}" has ${values.length} numbers, but the shape [${shape}]`);
    if ((dtype === 'int32') !== values instanceof Int32Array) fail(`the tensor "${name}" says ${dtype} of values that are not`);
    if (dtype === 'int32' && !name.startsWith('state.')) fail(`the tensor "${name}" must be F32`);
    if (!values.every(Number.isFinite)) fail(`the tensor "${name}" holds numbers that are not finite: no run can go on from them`);
    if (name.startsWith('params.')) trained += values.length;
  }
  if (trained !== parameters) fail(`the tensors params.* have ${trained} numbers in all, but the record says ${parameters}`);
  for (const name of ['m', 'v']) {
    const found = tensors[name] ?? fail(`the tensor "${name}" is missing`);
    if (found.shape.length !== 1 || found.values.length !== trained)
      fail(`the tensor "${name}" has the shape [${found.shape}]; expected [${trained}], one number for each of params.*`);
  }
}
