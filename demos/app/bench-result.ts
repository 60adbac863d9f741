import type { BackendName } from '../../src/worker/protocol.ts';
import { isDate, isPositive, isRecord, type Remembered, remember } from './remembered.ts';

/** Fastest first, as the lab tries them. Plain JavaScript is left out: it takes minutes for a step. */
export const rungs = ['webgpu', 'webgl', 'wasm'] as const satisfies readonly BackendName[];
export type Rung = (typeof rungs)[number];

const states = ['absent', 'skipped', 'waiting', 'running', 'done', 'stopped', 'failed'] as const;

/** What is known of one backend; times are medians of its rounds, null where there are none. */
export type BackendResult = {
  readonly name: Rung;
  readonly state: (typeof states)[number];
  /** What it is and why it was passed over, or how it failed. */
  readonly reason: string;
  readonly threads: number | null;
  readonly rounds: number;
  /** Of the bench step: milliseconds, and 10⁹ floating-point operations a second. */
  readonly stepMs: number | null;
  readonly gflops: number | null;
  /** 10⁹ floating-point operations a second of a product of two 1024 × 1024 matrices. */
  readonly matmulGflops: number | null;
};

/** One method's step with default settings on its first data set. */
export type MethodResult = {
  readonly method: string;
  readonly data: string;
  readonly backend: string;
  readonly batchSize: number;
  /** Of a whole run. */
  readonly steps: number;
  readonly msPerStep: number;
};

export type BenchResult = {
  readonly format: 'unlabeled-bench-1';
  readonly date: string;
  readonly lab: string;
  readonly tfjs: string;
  readonly userAgent: string;
  readonly cores: number;
  readonly crossOriginIsolated: boolean;
  /** The backend that the lab takes by itself, and why. */
  readonly chosen: { readonly name: string; readonly reason: string };
  readonly backends: readonly BackendResult[];
  readonly methods: readonly MethodResult[];
};

/** Whether anything was measured. */
export const hasNumbers = ({ backends, methods }: Pick<BenchResult, 'backends' | 'methods'>): boolean =>
  methods.length > 0 || backends.some(({ rounds }) => rounds > 0);

const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isText = (value: unknown) => typeof value === 'string';
const orNull = (check: (value: unknown) => boolean) => (value: unknown) => value === null || check(value);
type Checks<T> = { readonly [K in keyof T]: (value: unknown) => boolean };
const fits = (value: unknown, checks: Readonly<Record<string, (value: unknown) => boolean>>): boolean =>
  isRecord(value) && Object.entries(checks).every(([key, check]) => check(value[key]));
const listOf = (checks: Readonly<Record<string, (value: unknown) => boolean>>) => (value: unknown) =>
  Array.isArray(value) && value.every((each) => fits(each, checks));

const backendChecks: Checks<BackendResult> = {
  name: (value) => rungs.some((name) => name === value),
  state: (value) => states.some((state) => state === value),
  reason: isText,
  threads: orNull(isPositive),
  rounds: isCount,
  stepMs: orNull(isPositive),
  gflops: orNull(isPositive),
  matmulGflops: orNull(isPositive),
};
const methodChecks: Checks<MethodResult> = {
  method: isText,
  data: isText,
  backend: isText,
  batchSize: isPositive,
  steps: isPositive,
  msPerStep: isPositive,
};
const checks: Checks<BenchResult> = {
  format: (value) => value === 'unlabeled-bench-1',
  date: isDate,
  lab: isText,
  tfjs: isText,
  userAgent: isText,
  cores: isPositive,
  crossOriginIsolated: (value) => typeof value === 'boolean',
  chosen: (value) => fits(value, { name: isText, reason: isText }),
  backends: listOf(backendChecks),
  methods: listOf(methodChecks),
};

/** A result as it was stored; null for anything else. */
export const readBenchResult = (value: unknown): BenchResult | null => (fits(value, checks) ? (value as BenchResult) : null);

/** The last measurement of this device. */
export const lastBench: Remembered<BenchResult | null> = remember<BenchResult | null>('unlabeled.bench.1', readBenchResult, null);
