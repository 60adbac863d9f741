import type { ArtifactKind } from '../../../src/worker/protocol.ts';
import { Annealing } from './Annealing.tsx';
import { Clusters } from './Clusters.tsx';
import { Confusion } from './Confusion.tsx';
import { Density } from './Density.tsx';
import { Embedding } from './Embedding.tsx';
import { Gradients } from './Gradients.tsx';
import { Graph } from './Graph.tsx';
import { Interpolation, Reconstructions, Samples, Views } from './Images.tsx';
import { Integral } from './Integral.tsx';
import { Latents } from './Latents.tsx';
import { Manifold } from './Manifold.tsx';
import { Memorization } from './Memorization.tsx';
import { Neighbours } from './Neighbours.tsx';
import { Objects } from './Objects.tsx';
import { Parts } from './Parts.tsx';
import { Passage } from './Passage.tsx';
import { Ratios } from './Ratios.tsx';
import { Relations } from './Relations.tsx';
import { Segmentation } from './Segmentation.tsx';
import { Sets } from './Sets.tsx';
import { Spectrum } from './Spectrum.tsx';
import { Things } from './Things.tsx';
import type { PanelEntry } from './types.ts';
import { Weighted } from './Weighted.tsx';

export type { PanelEntry, PanelProps } from './types.ts';

/** One panel per kind of artifact; which ones a method shows follows from what its worker can make. */
export const panels: { readonly [K in ArtifactKind]: PanelEntry<K> } = {
  views: {
    title: 'Views',
    help: 'Each image above the random changes of it that training sees. What the views of one image share is what the method can learn; what they change, it learns to ignore.',
    Panel: Views,
  },
  relations: {
    title: 'Relations',
    help: 'How sure the relation head is, in percent, that two views show the same image: each held-out image changed at random once for its row and once for its column, in the order of the classes. Training asks for 100 on the diagonal and 0 elsewhere; it never saw a class.',
    Panel: Relations,
  },
  embedding: {
    title: 'Embedding',
    help: 'Each dot is an image, placed by its representation. PCA shows the two directions of largest variance; UMAP and t-SNE keep neighbours together, but their distances and the sizes of their clumps mean little. Labels only colour the dots; training never saw them.',
    Panel: Embedding,
  },
  neighbours: {
    title: 'Neighbours',
    help: 'The training images whose representations point most nearly the same way as that of a held-out image. What they share is what the representation keeps.',
    Panel: Neighbours,
  },
  confusion: {
    title: 'Clusters by class',
    help: 'k-means on the representations of held-out images, with as many clusters as classes. Each row is a cluster, matched to the class that fits it best; a good one has all its images in one column.',
    Panel: Confusion,
  },
  spectrum: {
    title: 'Spectrum',
    help: 'How much the normalized vectors of held-out images vary in each dimension, and along each principal axis, the largest first. At 1 they cover the sphere evenly. Everything low: complete collapse; a cliff: only the directions before it are in use.',
    Panel: Spectrum,
  },
  clusters: {
    title: 'Clusters',
    help: 'Training images by pseudo-label, the largest clusters first. The bar is the purity: the share of the cluster that belongs to its most common class. NMI compares the clusters with the labels, from 0 (unrelated) to 1 (the same partition).',
    Panel: Clusters,
  },
  reconstructions: {
    title: 'Reconstructions',
    help: 'Held-out images above what the decoder makes of their codes. Blur shows what the code leaves out.',
    Panel: Reconstructions,
  },
  samples: {
    title: 'Samples',
    help: 'Images drawn from the model: noise, scaled by the temperature, sent through the network. At 1 this is the model itself; below 1 the samples are more typical and less varied.',
    Panel: Samples,
  },
  memorization: {
    title: 'Memorization',
    help: 'The samples that come nearest to a training image, above that image; beside them the same for real images that were held out. Distances are between features of a small classifier.',
    Panel: Memorization,
  },
  interpolation: {
    title: 'Interpolation',
    help: 'Each row goes from one held-out image to another along a straight line between their codes. In a good latent space every step looks like an image.',
    Panel: Interpolation,
  },
  latents: {
    title: 'Latent dimensions',
    help: 'How far the posterior of each latent dimension is from the prior, on average over held-out images. A dimension at 0 says nothing about the image: posterior collapse.',
    Panel: Latents,
  },
  manifold: {
    title: 'Latent plane',
    help: 'What the decoder draws at each point of the plane of two latents. Switch on the held-out images to see where the encoder puts each class.',
    Panel: Manifold,
  },
  parts: {
    title: 'Slots',
    help: 'What every slot has won after every round of the competition. A pixel is found to be of the slot whose mask and colour fit it best. All slots begin as noise and share the same weights, so which one takes which object is chance. Their number and that of the rounds can change at any time, also after training.',
    Panel: Parts,
  },
  objects: {
    title: 'Objects',
    help: 'What each slot names: an outline at its place, of its size, shape and colour, the thicker the surer, dashed below 50 %. Training told it the objects of other scenes as a set, never which slot should name which. A name is right if shape and colour are, and its centre lies within an eighth of the side.',
    Panel: Objects,
  },
  segmentation: {
    title: 'Segmentation',
    help: 'Slices of a volume that was held out, from bottom to top, with the class of each pixel: as it is, and as the network says. Dice is twice the overlap over the sum of both areas: 1 is a perfect match.',
    Panel: Segmentation,
  },
  things: {
    title: 'Things and edits',
    help: 'The boxes are what the network says is there. The second picture is the same scene drawn from its symbols alone: where each thing is and how it looks. Move a box, swap two or remove one, and the scene is drawn anew by the network as it is now.',
    Panel: Things,
  },
  graph: {
    title: 'Graph',
    help: 'Arrows say which variable acts on which. Drag nodes where you like. To change the true graph, choose a node and then another one: an edge between them comes, goes or turns round, and the run begins anew with it.',
    Panel: Graph,
  },
  gradients: {
    title: 'Gradient estimators',
    help: 'Each way to estimate a gradient through random binary units, beside the exact gradient. The nets are small ones with random weights, always the same: they do not change while you train.',
    Panel: Gradients,
  },
  integral: {
    title: 'Regions and marginals',
    help: 'Each edge is a factor: constraints that two variables must meet, and a weight. The heat map shows where they hold and how likely each place is. On a tree all of this is exact; a dashed edge leads to a copy of a variable, which only has to agree with it in its marginal.',
    Panel: Integral,
  },
  density: {
    title: 'Density',
    help: 'Where the model expects data and, if its layers are invertible, how they bend a square grid of noise into that shape. The negative log-likelihood can never fall below the entropy of the data.',
    Panel: Density,
  },
  sets: {
    title: 'Sets of points',
    help: 'Whole sets drawn from the model, beside sets of images that it has not seen. Each point of a true set is drawn on its own from the ink of one image: all that points know of each other is that image.',
    Panel: Sets,
  },
  passage: {
    title: 'Layer by layer',
    help: 'The same points after each layer of the stack: data on its way to noise, or noise on its way to data. Layers that lose something one way draw it at random the other way.',
    Panel: Passage,
  },
  ratios: {
    title: 'Bridges',
    help: 'What each bridge adds to the log-ratio, on average over the data, stacked up to the whole; the marks are the truth. A lower bound from samples cannot show more nats than the logarithm of their number.',
    Panel: Ratios,
  },
  annealing: {
    title: 'From noise to samples',
    help: 'Each column is one walk. It starts as Gaussian noise; then the bridges are let in one after another, and at every stage a Hamiltonian step follows the density as it is by then. The last row are samples of the model. Below: what each bridge adds to the log-density of images that training never saw.',
    Panel: Annealing,
  },
  weighted: {
    title: 'Samples and their weights',
    help: 'Samples beside the density that they are meant for. A map that is continuous must draw a thread between two modes; its points are larger here. A sample weighs as much as the target makes of it against the sampler: the narrower the histogram, the fewer samples an average needs.',
    Panel: Weighted,
  },
};
