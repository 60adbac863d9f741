import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import type { ImageDataset, PointDataset, VolumeDataset } from '../../src/data/dataset.ts';
import { ImageGridCanvas } from './panels/ImageGridCanvas.tsx';
import { tinted } from './panels/labels.ts';
import { sheetPixels } from './panels/pixels.ts';

/** The first `count` training images of one class, in a row that shrinks with the page. */
export function Examples({ data, label, count }: { data: ImageDataset; label: number; count: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [height, width, channels] = data.shape;
  useEffect(() => {
    const bytes = height * width * channels;
    const pixels = new Uint8Array(count * bytes);
    let n = 0;
    for (let i = 0; i < data.train.size && n < count; i++)
      if (data.train.labels[i] === label) pixels.set(data.train.pixels.subarray(i * bytes, (i + 1) * bytes), bytes * n++);
    canvas.current?.getContext('2d')?.putImageData(sheetPixels({ n, shape: data.shape, pixels }, count), 0, 0);
  }, [data, label, count, height, width, channels]);
  return (
    <canvas
      ref={canvas}
      width={count * width}
      height={height}
      role="img"
      aria-label={`Examples of class ${data.classes[label]}`}
      style={{ display: 'block', width: count * 40, maxWidth: '100%', height: 'auto', imageRendering: 'pixelated' }}
    />
  );
}

/** All slices of a training volume, each above the classes of its pixels. */
export function Slices({ data: { shape, slices, train, classes }, volume }: { data: VolumeDataset; volume: number }) {
  const grids = useMemo(() => {
    const size = slices * shape[0] * shape[1];
    const [from, to] = [volume * size, (volume + 1) * size];
    const images = { n: slices, shape, pixels: train.pixels.subarray(from, to) };
    return [images, tinted(images, train.labels.subarray(from, to))];
  }, [shape, slices, train, volume]);
  return (
    <ImageGridCanvas
      grids={grids}
      columns={8}
      target={64}
      label={`The ${slices} slices of training volume ${volume + 1}, each above the class of its pixels: ${classes.slice(1).join(', ')}.`}
    />
  );
}

/** Samples of a 2-D density as a scatter plot, drawn anew when the colour scheme changes. */
export function Cloud({ data, count }: { data: PointDataset; count: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    let current = true;
    import('../../src/ops/numbers.ts').then(({ numbers }) => {
      const context = canvas.current?.getContext('2d');
      if (!current || !canvas.current || !context) return;
      const side = canvas.current.width;
      const points = data.sample(count, numbers(0));
      const style = getComputedStyle(canvas.current);
      context.clearRect(0, 0, side, side);
      context.fillStyle = style.getPropertyValue('--lab-accent');
      context.globalAlpha = 0.5;
      for (let i = 0; i < points.length; i += 2) {
        const x = (points[i]! / data.extent + 1) * 0.5 * side;
        const y = (1 - points[i + 1]! / data.extent) * 0.5 * side;
        context.fillRect(x - 1.5, y - 1.5, 3, 3);
      }
    });
    return () => {
      current = false;
    };
  }, [data, count, scheme]);
  return (
    <figure style={{ margin: 0 }}>
      <canvas
        ref={canvas}
        className="card"
        width={960}
        height={960}
        role="img"
        aria-label={`${count} samples of ${data.name}`}
        style={{ display: 'block', width: 480, maxWidth: '100%', height: 'auto' }}
      />
      <figcaption style={{ fontSize: 'var(--mantine-font-size-sm)', color: 'var(--mantine-color-dimmed)', marginTop: 6 }}>
        {count.toLocaleString('en')} samples on the square [−{data.extent}, {data.extent}]²
      </figcaption>
    </figure>
  );
}
