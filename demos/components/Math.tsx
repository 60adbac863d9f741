import 'katex/dist/katex.min.css';
import { Suspense, use } from 'react';
import styles from './Math.module.css';

type Katex = typeof import('katex')['default'];
let loading: Promise<Katex> | undefined;
/** KaTeX comes as a chunk of its own: lessons are typeset at build time and do not need it. */
const katex = () => {
  loading ??= import('katex').then((module) => module.default);
  return loading;
};

type TexProps = { readonly children: string /** On a line of its own, scrolling where it does not fit. */; readonly display?: boolean };

/** An equation in TeX, typeset (with MathML for screen readers); the TeX itself until KaTeX is there or where it is wrong. */
export function Tex(props: TexProps) {
  return (
    <Suspense fallback={<code>{props.children}</code>}>
      <Typeset {...props} />
    </Suspense>
  );
}

function Typeset({ children, display = false }: TexProps) {
  const html = use(katex()).renderToString(children, { displayMode: display, throwOnError: false });
  // The markup is KaTeX's own output, from TeX in our source
  const math = <span dangerouslySetInnerHTML={{ __html: html }} />;
  return display ? <ScrollingMath>{math}</ScrollingMath> : math;
}

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
