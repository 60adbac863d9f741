import 'katex/dist/katex.min.css';
import styles from './Math.module.css';

/** Math that may be wider than the page: it scrolls by itself, by keyboard as well. */
export function ScrollingMath({ children }: { readonly children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or keyboards cannot scroll it
    <span className={styles.scrolling} role="group" aria-label="Equation" tabIndex={0}>
      {children}
    </span>
  );
}
