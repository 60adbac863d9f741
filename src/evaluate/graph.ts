import { type Comparison, compareGraphs } from '../ops/dag.ts';
import type { Still } from '../train/session.ts';
import type { Artifact } from './artifact.ts';
import type { Scores } from './scores.ts';

const found = ({ method, run, context }: Pick<Still, 'method' | 'run' | 'context'>) => method.graph!(run, context('graph'));

/** How far the learned graph is from the true one, and how far after the local search. */
export async function graphScores(session: Still): Promise<Scores> {
  const { truth, learned, searched } = await found(session);
  const [plain, after] = [compareGraphs(truth, learned), compareGraphs(truth, searched)];
  const rates = ({ shd, truePositiveRate, falseDiscoveryRate }: Comparison) => [shd, truePositiveRate, falseDiscoveryRate] as const;
  const [[shd, tpr, fdr], [shdSearched, tprSearched, fdrSearched]] = [rates(plain), rates(after)];
  return { shd, tpr, fdr, shdSearched, tprSearched, fdrSearched };
}

/** The graphs as a page draws them, and the setting `edges` where the method has it. */
export async function graph(session: Still): Promise<Extract<Artifact, { kind: 'graph' }>> {
  const { edges } = session.settings as { readonly edges?: unknown };
  const { truth, learned, searched } = await found(session);
  const single = (weights: Float64Array) => Float32Array.from(weights);
  return {
    kind: 'graph',
    truth: single(truth),
    learned: single(learned),
    searched: single(searched),
    edges: typeof edges === 'string' ? edges : null,
  };
}
