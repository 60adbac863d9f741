import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import type { SceneDataset, SceneObject } from '../../src/data/dataset.ts';
import { sceneColours } from '../../src/data/scenes.ts';
import { ImageGridCanvas } from './panels/ImageGridCanvas.tsx';
import { colouredGrid } from './panels/parts.ts';

const rowNames = ['scene', 'objects'];
const shown = 24;

const inWords = (objects: readonly SceneObject[]) =>
  `From the back to the front: ${objects.map(({ colour, shape }) => `${sceneColours[colour]?.name} ${shape}`).join(', ')}.`;

/** The first training scenes, each above the object of each of its pixels. */
export function Scenes({ data: { train, shape, rule } }: { readonly data: SceneDataset }) {
  const scheme = useComputedColorScheme('light');
  const [h, w, channels] = shape;
  const grids = useMemo(
    () => [
      { n: shown, shape, pixels: train.pixels.subarray(0, shown * h * w * channels) },
      colouredGrid(train.masks.subarray(0, shown * h * w), shape, scheme, true),
    ],
    [train, shape, h, w, channels, scheme],
  );
  return (
    <ImageGridCanvas
      grids={grids}
      target={80}
      rowNames={rowNames}
      label={`The first ${shown} training scenes, each above its true objects in colours of their own.`}
      describe={(i) => (rule ? `Digits: ${train.objects[i]?.map((digit) => digit.shape).join(' ')}.` : inWords(train.objects[i] ?? []))}
    />
  );
}
