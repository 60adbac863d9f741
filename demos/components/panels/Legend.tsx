import { useComputedColorScheme } from '@mantine/core';
import { classColor, type Scheme } from './colors.ts';
import styles from './panels.module.css';
import { className } from './words.ts';

/** The labels that occur, in order. */
export const labelsOf = (labels: Uint8Array): number[] => [...new Set(labels)].sort((a, b) => a - b);

type LegendProps = {
  readonly labels: readonly number[];
  readonly classes: readonly string[] | undefined;
  readonly hidden: ReadonlySet<number>;
  /** Colours of another scheme than the page's, for a plot on black. */
  readonly scheme?: Scheme;
  readonly onChange: (hidden: ReadonlySet<number>) => void;
};

/** Class names with their colours; pressing one hides or shows its points. */
export function Legend({ labels, classes, hidden, onChange, scheme: own }: LegendProps) {
  const page = useComputedColorScheme('light');
  const scheme = own ?? page;
  const toggle = (label: number) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    onChange(next);
  };
  // One class, as where there are no labels, tells nothing.
  if (labels.length < 2) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and is for forms
    <div className={styles.chips} role="group" aria-label="Classes shown">
      {labels.map((label) => (
        <button key={label} type="button" className={styles.chip} aria-pressed={!hidden.has(label)} onClick={() => toggle(label)}>
          <span
            className={styles.swatch}
            style={{ borderColor: classColor(label, scheme), background: hidden.has(label) ? 'none' : classColor(label, scheme) }}
          />
          {className(classes, label)}
        </button>
      ))}
    </div>
  );
}
