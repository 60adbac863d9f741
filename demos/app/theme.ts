import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#e9f6f4',
  '#d3ebe8',
  '#a6d7d2',
  '#75c3bb',
  '#4eb2a9',
  '#34a79d',
  '#1f9b91',
  '#0f837a',
  '#00736b',
  '#005c56',
];

/** Ink on paper: headings in the book faces that systems ship, one accent, small radii. */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: 8,
  colors: { petrol },
  defaultRadius: 4,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: {
    fontFamily: '"Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "URW Palladio L", Georgia, "DejaVu Serif", serif',
    fontWeight: '600',
  },
  components: {
    Slider: { defaultProps: { size: 'sm' } },
  },
});

/** Mantine's dimmed text is too pale for a projector (and for WCAG AA); these reach 4.5 : 1 on every surface used. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fbfaf7',
    '--mantine-color-text': '#1b1f23',
    '--mantine-color-dimmed': '#565d65',
    '--mantine-color-placeholder': '#6b7279',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-anchor': '#00655e',
    '--lab-surface': '#ffffff',
    '--lab-line': '#dedbd3',
    '--lab-accent': '#00736b',
    '--lab-accent-soft': '#e3f2f0',
    '--lab-warm': '#8a4b08',
    '--lab-grid': '#e9e6df',
  },
  dark: {
    '--mantine-color-body': '#14171a',
    '--mantine-color-text': '#e4e6e8',
    '--mantine-color-dimmed': '#a3abb3',
    '--mantine-color-placeholder': '#8b949c',
    '--mantine-color-error': '#ff8a80',
    '--mantine-color-anchor': '#75c3bb',
    '--lab-surface': '#1c2024',
    '--lab-line': '#333a40',
    '--lab-accent': '#5fc2b8',
    '--lab-accent-soft': '#173330',
    '--lab-warm': '#e8b06a',
    '--lab-grid': '#2b3136',
  },
});

/** One colour a run: the first is the current one. Chosen to differ in lightness too. */
export const runColors = ['var(--lab-accent)', '#c2570c', '#6d5bd0', '#b08900', '#c0397b', '#3b82c4', '#5a8f29', '#8b6f5a'] as const;

/** Of everything recorded: never that of a live run. */
export const recordedColor = 'var(--lab-warm)';
