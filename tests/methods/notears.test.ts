import { describe, expect, test } from 'vitest';
import { datasets } from '../../src/data/datasets.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { notears } from '../../src/methods/notears.ts';
import { compareGraphs, edgesOf, edgesToText, isAcyclic, thresholded } from '../../src/ops/dag.ts';
import { dagProblem, searchDag } from '../../src/ops/dag-search.ts';
import * as tf from '../../src/tf.ts';
import { createSession, type Session } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import { graphs } from '../golden/notears.json';
import './context.ts';

const { simulated } = datasets;
const open = (seed: number, settings: object) => createSession(notears, simulated, { seed, settings: { ...settings } });
const read = async (t: unknown) => Array.from(await (t as tf.Tensor).data());

/** Trains to the end; returns the last metrics, with those of the last epoch. */
async function finish(session: Session) {
  let last: Readonly<Record<string, number>> = {};
  while (session.step < session.settings.steps) last = { ...last, ...(await (await session.advance()).metrics) };
  return last;
}

describe('the local search after NOTEARS as published (SciPy’s L-BFGS-B)', () => {
  const d = 20;
  const dense = (edges: readonly (readonly number[])[]) => {
    const w = new Float64Array(d * d);
    for (const [from, to, weight] of edges) w[from! * d + to!] = weight!;
    return w;
  };
  const results = () =>
    graphs.map(({ covariance, truth, notears: found }) => {
      const S = new Float64Array(d * d);
      let at = 0;
      for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) S[i * d + j] = S[j * d + i] = covariance[at++]!;
      const searched = thresholded(searchDag(dense(found), dagProblem(S, 0.1)), 0.3);
      expect(isAcyclic(searched)).toBe(true);
      return { plain: compareGraphs(dense(truth), dense(found)).shd, after: compareGraphs(dense(truth), searched).shd };
    });
  test('at least halves the mean distance on ten graphs of 20 nodes and 2 edges a node, n = 1,000', () => {
    const all = results();
    const mean = (key: 'plain' | 'after') => all.reduce((sum, r) => sum + r[key], 0) / all.length;
    expect(all).toHaveLength(10);
    expect(mean('plain')).toBeGreaterThan(2);
    expect(mean('after'), JSON.stringify(all)).toBeLessThanOrEqual(mean('plain') / 2);
  });
});

describe('NOTEARS', () => {
  test('finds a small graph, and keeps its diagonal at zero', async () => {
    const session = open(1, { nodes: 5, edges: '0>1 1>2 0>3 3>4', steps: 400, penaltyGrowth: 10 });
    const last = await finish(session);
    const W = await read((session.run.params as { W: tf.Tensor }).W);
    expect([0, 6, 12, 18, 24].map((at) => W[at])).toEqual([0, 0, 0, 0, 0]);
    expect(last).toMatchObject({ shd: 0, shdSearched: 0 });
    expect(await evaluate(session, 0)).toEqual({ shd: 0, shdSearched: 0, tpr: 1, tprSearched: 1, fdr: 0, fdrSearched: 0 });
    const { truth, learned } = await notears.graph!(session.run as never, session.context('test') as never);
    expect(edgesToText(edgesOf(learned))).toBe(edgesToText(edgesOf(truth)));
    session.dispose();
  });

  test('its loss is the augmented Lagrangian, and its distance the structural one', async () => {
    const session = open(3, { nodes: 4, samples: 50, edges: '0>1 2>3', threshold: 0.3 });
    const { hp, ...c } = session.context('test') as never as Parameters<typeof notears.loss>[3];
    const W = [0, 0.5, 0, 0, 0.4, 0, 0, 0, 0, 0, 0, 0.1, 0.7, 0, 0, 0];
    const X = await read((session.run.state as { X: tf.Tensor }).X);
    let wanted = 0.1 * 1.7 + 3 * (2 * Math.cosh(0.2) - 2) + 5 * (2 * Math.cosh(0.2) - 2) ** 2;
    for (let row = 0; row < 200; row += 4)
      for (let j = 0; j < 4; j++) {
        let rest = X[row + j]!;
        for (let i = 0; i < 4; i++) rest -= X[row + i]! * W[i * 4 + j]!;
        wanted += (rest * rest) / 100;
      }
    const found = tf.tidy(() => {
      const state = { ...(session.run.state as never as Parameters<typeof notears.loss>[1]), alpha: tf.scalar(3), rho: tf.scalar(10) };
      const { loss, metrics } = notears.loss({ W: tf.tensor2d(W, [4, 4]) }, state, { rows: 64 }, { ...c, hp });
      return [loss, metrics!.shd!];
    });
    // 0 ⇄ 1 for 0 → 1, 3 → 0 for nothing, nothing for 2 → 3.
    const [loss, shd] = (await Promise.all(found.map(read))).flat();
    expectClose(loss!, wanted, { rtol: 1e-5 });
    expect(shd).toBe(3);
    tf.dispose(found);
    session.dispose();
  });

  test('raises ρ where h has not fallen to a quarter, and α by ρh', async () => {
    const session = open(2, { nodes: 6, steps: 400, penaltyGrowth: 3 });
    const multipliers = async () => {
      const { alpha, rho, before } = session.run.state as Record<string, tf.Tensor>;
      return { alpha: (await read(alpha))[0]!, rho: (await read(rho))[0]!, before: (await read(before))[0]! };
    };
    let old = await multipliers();
    expect([old.alpha, old.rho]).toEqual([0, 1]);
    expect(old.before).toBeGreaterThan(1e29);
    for (let epoch = 0; epoch < 4; epoch++) {
      for (let step = 0; step < 100; step++) await (await session.advance()).metrics;
      const now = await multipliers();
      if (epoch > 0) {
        expect(now.rho).toBe(now.before > old.before / 4 ? 3 * old.rho : old.rho);
        expectClose(now.alpha, old.alpha + now.rho * now.before, { rtol: 1e-5 });
      }
      old = now;
    }
    session.dispose();
  });

  test('refuses a true graph with a cycle, by name', () => {
    expect(() => open(0, { nodes: 3, edges: '0>1 1>0' })).toThrow('cycle through the nodes 0, 1');
    expect(() => open(0, { edges: '0-1' })).toThrow('edges must be edges such as "0>1 1>2"');
  });
});
