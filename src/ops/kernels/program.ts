import type { GPGPUProgram, MathBackendWebGL, WebGPUBackend, WebGPUProgram } from '../../tf.ts';
import * as tf from '../../tf.ts';

/** The words in which WGSL and GLSL differ, as far as the programs here go. */
export type Words = {
  /** Local variables: `float('sum', '0.0')`. */
  float(name: string, value: string): string;
  int(name: string, value: string): string;
  /** A loop over whole numbers from 0; the count is an expression. */
  loop(name: string, count: string, body: string): string;
  /** Input `X` at a flat index: `at('X', 'index')`. */
  at(input: string, index: string): string;
  /** A constant given to `run`. */
  constant(name: string): string;
};

/** A program that computes each element of its output for itself. It is written once, and runs on WebGPU and WebGL. */
export type Program = {
  /** Its name in the backend's cache of compiled programs: one name, one text. */
  readonly name: string;
  /** Names of the inputs, one capital letter each: WebGPU allows at most seven. */
  readonly inputs: readonly string[];
  readonly constants: Readonly<Record<string, 'int' | 'float'>>;
  /** Statements that end with `result = …;` for the flat index `index`. */
  readonly body: (words: Words) => string;
};

const wgsl: Words = {
  float: (name, value) => `var ${name} : f32 = ${value};`,
  int: (name, value) => `var ${name} : i32 = ${value};`,
  loop: (name, count, body) => `for (var ${name} = 0; ${name} < ${count}; ${name} = ${name} + 1) { ${body} }`,
  at: (input, index) => `get${input}(${index})`,
  constant: (name) => `uniforms.${name}`,
};

const glsl: Words = {
  float: (name, value) => `float ${name} = ${value};`,
  int: (name, value) => `int ${name} = ${value};`,
  loop: (name, count, body) => `for (int ${name} = 0; ${name} < ${count}; ${name}++) { ${body} }`,
  at: wgsl.at,
  constant: (name) => name,
};

const threads = 64;

function onWebGPU({ name, inputs, constants, body }: Program, xs: readonly tf.TensorInfo[], size: number, values: readonly number[]) {
  const types = Object.values(constants);
  const program: WebGPUProgram = {
    variableNames: [...inputs],
    uniforms: Object.entries(constants)
      .map(([constant, type]) => `${constant} : ${type === 'int' ? 'i32' : 'f32'},`)
      .join(' '),
    shaderKey: `unlabeled-${name}`,
    size: true,
    outputShape: [size],
    workgroupSize: [threads, 1, 1],
    dispatchLayout: { x: [0] },
    dispatch: [Math.ceil(size / threads), 1, 1],
    getUserCode: () =>
      `fn main(index : i32) { if (index < uniforms.size) { var result : f32 = 0.0; ${body(wgsl)} setOutputAtIndex(index, result); } }`,
  };
  const flat = xs.map((x) => ({ ...x, shape: [tf.util.sizeFromShape(x.shape)] }));
  const uniforms = values.map((value, i) => ({ type: `${types[i]!}32`, data: [value] }));
  return (tf.backend() as WebGPUBackend).runWebGPUProgram(program, flat, 'float32', uniforms);
}

function onWebGL({ inputs, constants, body }: Program, xs: readonly tf.TensorInfo[], size: number, values: readonly number[]) {
  const backend = tf.backend() as MathBackendWebGL;
  const program: GPGPUProgram = {
    variableNames: [...inputs],
    outputShape: [size],
    customUniforms: Object.entries(constants).map(([constant, type]) => ({ name: constant, type })),
    userCode: `void main() { int index = getOutputCoords(); float result = 0.0; ${body(glsl)} setOutput(result); }`,
  };
  const unpacked: tf.TensorInfo[] = [];
  const flat = xs.map((x) => {
    // Four values in a texel lie in an order that depends on the shape: only one in each is flat in memory.
    let info = x;
    if (backend.texData.get(x.dataId).isPacked) {
      info = backend.unpackTensor(x);
      unpacked.push(info);
    }
    return { ...info, shape: [tf.util.sizeFromShape(x.shape)] };
  });
  const out = backend.compileAndRun(
    program,
    flat,
    'float32',
    values.map((value) => [value]),
  );
  for (const info of unpacked) backend.disposeIntermediateTensorInfo(info);
  return out;
}

/** Runs a program on the current backend, WebGPU or WebGL: float32 inputs of any shape, a constant for each that it names. */
export function run(
  program: Program,
  inputs: readonly tf.TensorInfo[],
  shape: readonly number[],
  constants: readonly number[] = [],
): tf.TensorInfo {
  const on = tf.getBackend() === 'webgpu' ? onWebGPU : onWebGL;
  return { ...on(program, inputs, tf.util.sizeFromShape([...shape]), constants), shape: [...shape] };
}

/** Whether the current backend runs programs. */
export const runsPrograms = (): boolean => tf.getBackend() === 'webgpu' || tf.getBackend() === 'webgl';

/** `run` for callers outside of a kernel: the result belongs to the current `tf.tidy`. */
export const compute = <R extends tf.Rank>(...args: Parameters<typeof run>): tf.Tensor<R> =>
  tf.engine().makeTensorFromTensorInfo(run(...args)) as tf.Tensor<R>;
