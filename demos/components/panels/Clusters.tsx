import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Artifact } from '../../../src/worker/protocol.ts';
import { percent } from '../../app/format.ts';
import { ImageGridCanvas } from './ImageGridCanvas.tsx';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { className, clustersInWords, fixed } from './words.ts';

type Cluster = Extract<Artifact, { kind: 'clusters' }>['clusters'][number];
const FIRST = 24;

/** Montages of the clusters, the largest first, with their size and purity. */
export function Clusters({ artifact: { clusters, total, nmi }, classes }: PanelProps<'clusters'>) {
  const [all, setAll] = useState(false);
  const shown = all ? clusters : clusters.slice(0, FIRST);
  const labelled = (classes?.length ?? 0) > 1;
  return (
    <div className={styles.panel}>
      <p className={styles.text}>
        <span className={styles.number}>{total}</span> {total === 1 ? 'cluster' : 'clusters'} in use
        {labelled && (
          <>
            {' '}
            · NMI to the labels <span className={styles.number}>{fixed(nmi, 3)}</span> · {clustersInWords(clusters, total)}
          </>
        )}
      </p>
      <ul className={styles.clusters}>
        {shown.map((cluster) => (
          <Montage key={cluster.label} cluster={cluster} classes={classes} />
        ))}
      </ul>
      {clusters.length > FIRST && (
        <Button variant="default" size="xs" onClick={() => setAll(!all)} style={{ alignSelf: 'start' }}>
          {all ? `Show the ${FIRST} largest` : `Show ${clusters.length - FIRST} more`}
        </Button>
      )}
    </div>
  );
}

function Montage({ cluster, classes }: { readonly cluster: Cluster; readonly classes: readonly string[] | undefined }) {
  const { label, size, purity, majority, images } = cluster;
  const [grids, setGrids] = useState([images]);
  if (grids[0] !== images) setGrids([images]);
  const name = className(classes, majority);
  const labelled = (classes?.length ?? 0) > 1;
  return (
    <li>
      <p className={styles.clusterHead}>
        <span>
          #{label} · {size} {size === 1 ? 'image' : 'images'}
        </span>
        {labelled && <span>{size === 0 ? 'empty' : `${percent(purity)} “${name}”`}</span>}
      </p>
      {labelled && (
        <div className={styles.meter}>
          <div style={{ width: `${100 * Math.max(0, Math.min(1, size ? purity : 0))}%` }} />
        </div>
      )}
      <ImageGridCanvas
        grids={grids}
        target={28}
        gap={1}
        label={`Cluster ${label}: ${size} images${labelled ? `, ${percent(purity)} of them of the class ${name}` : ''}; ${images.n} are shown.`}
      />
    </li>
  );
}
