import { useComputedColorScheme } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import type { Picture } from '../../app/compare-pictures.ts';
import { percent } from '../../app/format.ts';
import { type Surface, useCanvas } from '../panels/canvas.ts';
import { classColor, heatPixels } from '../panels/colors.ts';
import { fit, place } from '../panels/geometry.ts';
import { ImageGridCanvas } from '../panels/ImageGridCanvas.tsx';
import { labelsOf } from '../panels/Legend.tsx';
import { colouredGrid } from '../panels/parts.ts';
import { offscreen } from '../panels/pixels.ts';
import { SetPlots } from '../panels/SetPlots.tsx';
import css from './compare.module.css';

type SmallProps<K extends Picture['kind'] = Picture['kind']> = {
  readonly picture: Extract<Picture, { kind: K }>;
  readonly name: string;
  readonly hidden: ReadonlySet<number>;
};

/** A picture of one run among others. `hidden`: the classes that are not drawn. */
export function Small({ picture, name, hidden }: SmallProps) {
  if (picture.kind === 'embedding') return <Embedding picture={picture} name={name} hidden={hidden} />;
  if (picture.kind === 'samples') return <Samples picture={picture} name={name} />;
  if (picture.kind === 'sets') return <Sets picture={picture} name={name} />;
  if (picture.kind === 'parts') return <Scenes picture={picture} name={name} />;
  return <Density picture={picture} name={name} />;
}

/** Dots by class, to one scale in both directions. */
function Embedding({ picture: { points, labels, explained }, name, hidden }: SmallProps<'embedding'>) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height, scheme }: Surface) => {
      const placed = place(points, fit(points, width, height, 8));
      context.globalAlpha = 0.75;
      for (const label of labelsOf(labels)) {
        if (hidden.has(label)) continue;
        context.fillStyle = classColor(label, scheme);
        for (let i = 0; i < labels.length; i++) if (labels[i] === label) context.fillRect(placed[2 * i]! - 1, placed[2 * i + 1]! - 1, 2, 2);
      }
    },
    [points, labels, hidden],
  );
  const canvas = useCanvas(draw);
  const variance = `${percent(explained[0] + explained[1])} of the variance`;
  return (
    <figure className={css.figure}>
      <canvas
        ref={canvas}
        className={css.square}
        role="img"
        aria-label={`Embedding of ${name}: ${labels.length} held-out images on the first two principal components, ${variance}`}
      />
      <figcaption>Embedding (PCA, {variance})</figcaption>
    </figure>
  );
}

const samplesShown = 36;

function Samples({ picture: { images, temperature }, name }: Pick<SmallProps<'samples'>, 'picture' | 'name'>) {
  const grids = useMemo(() => {
    const n = Math.min(samplesShown, images.n);
    return [{ ...images, n, pixels: images.pixels.subarray(0, (images.pixels.length / images.n) * n) }];
  }, [images]);
  return (
    <figure className={css.figure}>
      <ImageGridCanvas grids={grids} columns={6} target={30} gap={2} label={`${grids[0]!.n} samples of ${name}`} />
      <figcaption>Samples, temperature {temperature}</figcaption>
    </figure>
  );
}

function Density({ picture: { density, side, extent, nll, entropy }, name }: Pick<SmallProps<'density'>, 'picture' | 'name'>) {
  const picture = useMemo(() => {
    const high = density.reduce((a, b) => Math.max(a, b), 0);
    return offscreen(new ImageData(heatPixels(density, side, 0, high), side, side));
  }, [density, side]);
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height }: Surface) => {
      context.imageSmoothingEnabled = true;
      context.drawImage(picture, 0, 0, width, height);
    },
    [picture],
  );
  const canvas = useCanvas(draw);
  return (
    <figure className={css.figure}>
      <canvas
        ref={canvas}
        className={css.square}
        role="img"
        aria-label={`Density of ${name} over the square from −${extent} to ${extent}, NLL ${nll.toFixed(3)} nats against an entropy of ${entropy.toFixed(3)}`}
      />
      <figcaption>
        Density, NLL {nll.toFixed(3)} (entropy {entropy.toFixed(3)})
      </figcaption>
    </figure>
  );
}

const setsShown = 6;

function Sets({ picture: { samples, size, extent, temperature }, name }: Pick<SmallProps<'sets'>, 'picture' | 'name'>) {
  const points = useMemo(() => samples.subarray(0, 2 * size * setsShown), [samples, size]);
  const n = points.length / (2 * size);
  return (
    <figure className={css.figure}>
      <SetPlots {...{ points, size, extent }} label={`${n} sets of ${size} points drawn from ${name}`} />
      <figcaption>Samples, temperature {temperature}</figcaption>
    </figure>
  );
}

/** Scenes, the true objects and the parts found. */
function Scenes({ picture: { originals, truth, rounds }, name }: Pick<SmallProps<'parts'>, 'picture' | 'name'>) {
  const scheme = useComputedColorScheme('light');
  const grids = useMemo(() => {
    const [h, w] = originals.shape;
    return [originals, colouredGrid(truth, [h, w], scheme, true), colouredGrid(rounds.at(-1)!.found, [h, w], scheme, false)];
  }, [originals, truth, rounds, scheme]);
  const ari = rounds.at(-1)!.ari;
  const mean = (ari.reduce((sum, v) => sum + v, 0) / ari.length).toFixed(2);
  return (
    <figure className={css.figure}>
      <ImageGridCanvas
        grids={grids}
        columns={originals.n}
        target={30}
        gap={2}
        label={`${originals.n} held-out scenes, their true objects and what ${name} found, a row each; mean foreground ARI ${mean}`}
      />
      <figcaption>Scenes, true objects, parts found; mean ARI {mean}</figcaption>
    </figure>
  );
}
