import { cssVariables, theme } from '../theme.ts';
import { standalone } from './svg.ts';

/** The page's light colours, on whichever scheme it is: a chart is printed and pasted on white. */
const light: Readonly<Record<string, string>> = { ...cssVariables(theme as never).light };

/** The chart that lies within `element`, as an SVG file. Throws if there is none yet. */
export function chartSvg(element: Element, title: string): string {
  const svg = element.querySelector('svg.recharts-surface') ?? element.closest('svg');
  if (!svg) throw new Error('There is no chart here yet: train a few steps first');
  const { width, height } = svg.getBoundingClientRect();
  const styles = getComputedStyle(svg);
  return standalone(new XMLSerializer().serializeToString(svg), {
    width: Math.round(width),
    height: Math.round(height),
    title,
    variable: (name) => light[name] ?? styles.getPropertyValue(name),
    background: light['--lab-surface']!,
    color: light['--mantine-color-text']!,
    font: theme.fontFamily!,
  });
}

/** An SVG file as a PNG of `scale` times its size. */
export async function toPng(svg: string, scale = 2): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = scale * image.naturalWidth;
    canvas.height = scale * image.naturalHeight;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The browser could not make a PNG of the chart: save it as SVG')))),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
