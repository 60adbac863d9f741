import 'katex/dist/katex.min.css';
import { Loader } from '@mantine/core';
import type { MDXComponents } from 'mdx/types';
import { type ComponentProps, type ComponentType, lazy, Suspense } from 'react';
import styles from './Lesson.module.css';
import { ScrollingMath } from './Math.tsx';

type Page = { readonly default: ComponentType<{ readonly components?: MDXComponents }> };

/** One chunk a lesson, loaded when its page opens. */
const lessons = Object.fromEntries(
  Object.entries(import.meta.glob<Page>('../lessons/*.mdx')).map(([path, load]) => [
    path.slice('../lessons/'.length, -'.mdx'.length),
    lazy(load),
  ]),
);

/** rehype-katex wraps an equation on its own line in this class; it must scroll, not widen the page. */
function Span({ className, ...rest }: ComponentProps<'span'>) {
  const span = <span className={className} {...rest} />;
  return className === 'katex-display' ? <ScrollingMath>{span}</ScrollingMath> : span;
}

const components: MDXComponents = { span: Span };

/** The lesson of a method: `demos/lessons/<id>.mdx`. */
export function Lesson({ method }: { readonly method: string }) {
  const Text = lessons[method];
  if (!Text) return <p>There is no lesson on {method} yet.</p>;
  return (
    <article className={styles.lesson}>
      <Suspense fallback={<Loader size="sm" aria-label="Loading the lesson" />}>
        <Text components={components} />
      </Suspense>
    </article>
  );
}
