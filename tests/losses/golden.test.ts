import { beforeAll, describe, expect, test } from 'vitest';
import { binaryCrossEntropy, crossEntropy } from '../../src/losses/classification.ts';
import { ntXent } from '../../src/losses/contrastive.ts';
import { standardNormalLogProb } from '../../src/losses/likelihood.ts';
import { mixtureNll } from '../../src/losses/mixture.ts';
import { regression } from '../../src/losses/self-distillation.ts';
import { bernoulliNll, discretizedLogisticNll, gaussianKl } from '../../src/losses/variational.ts';
import { couple } from '../../src/nets/coupling.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/losses.json';
import reference from '../golden/reference-losses.json';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(loadBackends);

type Named = Readonly<Record<string, tf.Tensor>>;
type Constants = {
  readonly temperature?: number;
  readonly focus?: number;
  readonly sigma?: number;
  readonly x?: readonly number[];
  readonly labels?: readonly number[];
};

/** The loss of a case; x has the shape of the case's first input. */
const losses: Record<string, (t: Named, c: Constants) => tf.Tensor> = {
  ntXent: ({ a, b }, { temperature }) => ntXent(a as tf.Tensor2D, b as tf.Tensor2D, temperature!),
  regression: ({ p, z }) => regression(p as tf.Tensor2D, z as tf.Tensor2D),
  crossEntropy: ({ logits }, { labels }) => crossEntropy(logits as tf.Tensor2D, tf.tensor1d([...labels!], 'int32')),
  binaryCrossEntropy: ({ logits }, { labels, focus }) => binaryCrossEntropy(logits as tf.Tensor1D, tf.tensor1d([...labels!]), focus),
  bernoulliNll: ({ logits }, { x }) => bernoulliNll(logits!, tf.tensor([...x!], logits!.shape)),
  gaussianKl: ({ mu, logVar }) => gaussianKl(mu as tf.Tensor2D, logVar as tf.Tensor2D),
  discretizedLogisticNll: ({ mean, logScale }, { x }) => discretizedLogisticNll(mean!, logScale!, tf.tensor([...x!], mean!.shape)),
  mixtureNll: ({ logits, colours, pixels }, { sigma }) =>
    mixtureNll({ shares: tf.softmax(logits as tf.Tensor3D), colours: colours as tf.Tensor3D }, pixels as tf.Tensor3D, sigma!),
  standardNormalLogProb: ({ z }) => standardNormalLogProb(z as tf.Tensor2D),
};

type Inputs = Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;

/** [values of f, gradient of Σ (i + 1) · value i by each input], in the order of the inputs' names. */
function valueAndGradients(inputs: Inputs, f: (t: Named) => tf.Tensor): tf.Tensor[] {
  const names = Object.keys(inputs);
  const tensors = names.map((name) => tf.tensor(inputs[name]!.data, inputs[name]!.shape));
  const call = (...ts: tf.Tensor[]) => tf.reshape(f(Object.fromEntries(ts.map((t, i) => [names[i]!, t]))), [-1]);
  const weighted = (...ts: tf.Tensor[]) => {
    const values = call(...ts);
    return tf.sum(tf.mul(values, tf.range(1, values.size + 1))) as tf.Scalar;
  };
  return [call(...tensors), ...tf.grads(weighted)(tensors)];
}

/** Values to 1e-5; gradients to 1e-4, where one that is small beside its tensor's largest has that one's rounding error. */
async function expectCase(
  backend: 'cpu' | 'wasm',
  inputs: Inputs,
  f: (t: Named) => tf.Tensor,
  values: readonly number[],
  gradients: Readonly<Record<string, readonly number[] | null>>,
) {
  const [value, ...found] = await valuesOn(backend, () => valueAndGradients(inputs, f));
  expectClose(value!, values, { rtol: 1e-5 });
  Object.keys(inputs).forEach((name, i) => {
    const wanted = gradients[name];
    if (wanted) expectClose(found[i]!, wanted, { rtol: 1e-4, atol: 1e-6 * Math.max(...wanted.map(Math.abs)) });
  });
}

describe.each(['wasm', 'cpu'] as const)('on %s, values and gradients of PyTorch in float64', (backend) => {
  for (const { name, inputs, constants, values, gradients } of golden.cases)
    test(name, async () => {
      const loss = losses[name.split(',')[0]!]!;
      const given = Object.fromEntries(Object.entries(inputs).filter(([, input]) => input !== undefined));
      await expectCase(backend, given, (t) => loss(t, constants as Constants), values, gradients);
    });

  for (const name of ['nt_xent_t0.1', 'nt_xent_t0.5'] as const)
    test(`ntXent is ${reference[name].source} (${name})`, async () => {
      const { inputs, attrs, loss, grads } = reference[name];
      await expectCase(backend, inputs, (t) => losses.ntXent!(t, attrs), [loss], grads);
    });

  test(`regression is ${reference.byol.source}`, async () => {
    const { inputs, loss, grads } = reference.byol;
    await expectCase(backend, inputs, (t) => losses.regression!(t, {}), [loss], grads);
  });

  test(`binaryCrossEntropy is ${reference.relation_bce.source}`, async () => {
    const { inputs, loss, grads } = reference.relation_bce;
    const { y, s } = inputs;
    await expectCase(backend, { s }, (t) => binaryCrossEntropy(t.s as tf.Tensor1D, tf.tensor1d(y.data)), [loss], { s: grads.s });
  });

  test('−ELBO of a Bernoulli decoder: bernoulliNll + Σ gaussianKl', async () => {
    const { inputs, loss, grads } = reference.vae_negative_elbo_bernoulli;
    const { x, ...rest } = inputs;
    const elbo = (t: Named) => {
      const kl = tf.sum(gaussianKl(t.mu as tf.Tensor2D, t.logvar as tf.Tensor2D), 1);
      return tf.mean(tf.add(bernoulliNll(t.logits!, tf.tensor(x.data, x.shape)), kl));
    };
    await expectCase(backend, rest, elbo, [loss], grads);
  });

  test('NLL of one affine coupling', async () => {
    const { inputs, loss, grads } = reference.affine_coupling_nll;
    // A network without weights whose bias gives the wanted s and t: one coupling for each row. s = bound · tanh(raw).
    const bound = 2;
    const nll = ({ x, s, t }: Named) => {
      const rows = Array.from({ length: 8 }, (_, i) => {
        const row = (all: tf.Tensor) => tf.pad1d(tf.reshape(tf.slice(all, [i, 0], [1, 3]), [3]), [3, 0]);
        const scaled = tf.div(row(s!), bound);
        const raw = tf.mul(0.5, tf.log(tf.div(tf.add(1, scaled), tf.sub(1, scaled))));
        const coupling = {
          net: [{ w: tf.zeros<tf.Rank.R2>([6, 12]), b: tf.concat1d([raw as tf.Tensor1D, row(t!)]) }],
          bound: tf.fill([6], bound),
        };
        const { z, logDet } = couple(coupling, tf.tensor1d([1, 1, 1, 0, 0, 0]), tf.slice(x as tf.Tensor2D, [i, 0], [1, 6]));
        return tf.neg(tf.add(standardNormalLogProb(z), logDet));
      });
      return tf.mean(tf.concat(rows));
    };
    await expectCase(backend, inputs, nll, [loss], grads);
  });
});

test('every exported loss has a case', async () => {
  const modules = Object.values(import.meta.glob<Record<string, unknown>>('../../src/losses/*.ts', { eager: true }));
  const elsewhere = [
    // A change of units; and those whose cases, against SciPy, PyTorch and closed forms, are in importance, acyclicity and ratio.test.ts,
    ...['bitsPerDim', 'importanceWeightedNll', 'acyclicity', 'logisticRatio', 'infoNce'],
    // or against closed forms and brute force in gaussians, matching, mixture and segmentation.test.ts.
    ...['bernoulliKl', 'bernoulliMeanNll', 'gaussiansKl', 'placements', 'cheapestMatching', 'setDistance'],
    ...['positionContrast', 'regionContrast', 'segmentationLoss', 'overlap', 'areaEntropy', 'responsibilities'],
  ];
  const exported = modules.flatMap((module) => Object.keys(module)).filter((name) => !elsewhere.includes(name));
  expect(exported.sort()).toEqual(Object.keys(losses).sort());
});
