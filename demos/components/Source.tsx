import { Button, CopyButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import styles from './Source.module.css';
import { highlight } from './source/highlight.ts';
import { importedParts } from './source/imports.ts';

/** Every file as its own chunk of text, under its path from the root. */
const files = Object.fromEntries(
  Object.entries(import.meta.glob<string>('../../src/{methods,losses,nets}/**/*.ts', { query: '?raw', import: 'default' })).map(
    ([path, load]) => [path.slice('../../'.length), load],
  ),
);

/** The file that the running method is made of, and the losses and networks that it imports. */
export function Source({ method }: { readonly method: string }) {
  const main = `src/methods/${method}.ts`;
  const [wanted, setWanted] = useState(main);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const parts = importedParts(texts[main] ?? '').filter((path) => path in files);
  const path = wanted === main || parts.includes(wanted) ? wanted : main;

  useEffect(() => {
    let current = true;
    for (const file of new Set([main, path]))
      files[file]?.().then((text) => {
        if (current) setTexts((all) => (all[file] === text ? all : { ...all, [file]: text }));
      });
    return () => {
      current = false;
    };
  }, [main, path]);

  if (!(main in files)) return <p>There is no file {main}.</p>;
  const code = texts[path] ?? '';
  return (
    <section className={styles.source} aria-label="Source code">
      <div className={styles.bar}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
        <div className={styles.files} role="group" aria-label="Files">
          {[main, ...parts].map((file) => (
            <button key={file} type="button" className={styles.file} aria-pressed={file === path} onClick={() => setWanted(file)}>
              {file}
            </button>
          ))}
        </div>
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy} aria-label={`Copy ${path}`}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
      <Code text={code} />
    </section>
  );
}

/** TypeScript, highlighted as soon as the highlighter is there, plain until then. */
function Code({ text }: { readonly text: string }) {
  const [done, setDone] = useState({ text: '', html: '' });
  useEffect(() => {
    if (text === '') return;
    let current = true;
    highlight(text).then(
      (html) => {
        if (current) setDone({ text, html });
      },
      // Plain text is readable too.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [text]);
  // The markup is Shiki's own output, from our source files
  if (done.text === text && text !== '') return <div className={styles.code} dangerouslySetInnerHTML={{ __html: done.html }} />;
  return (
    <div className={styles.code}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or keyboards cannot scroll it */}
      <pre tabIndex={0}>
        <code>
          {text.split('\n').map((line, i) => (
            // A line is its number.
            <span key={i} className="line">
              {`${line}\n`}
            </span>
          ))}
        </code>
      </pre>
    </div>
  );
}
