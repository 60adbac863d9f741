import mdx from '@mdx-js/rollup';
import react from '@vitejs/plugin-react';
import rehypeKatex from 'rehype-katex';
import remarkMath from 'remark-math';
import { defineConfig } from 'vitest/config';
import { catalogue } from './scripts/vite-catalogue.ts';
import { offline } from './scripts/vite-offline.ts';
import { contentPolicy } from './scripts/vite-policy.ts';
import { rechartsTasks } from './scripts/vite-recharts-tasks.ts';
import { tfjsThreads } from './scripts/vite-tfjs-threads.ts';

/** The headers that make a page cross-origin isolated, which wasm threads need (shared memory). */
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

// tfjs carries a licence comment in each of its 1,400 files; the licences of all packages are named in the README.
const output = { comments: false };

export default defineConfig({
  // Relative addresses, so that the built site works from any sub-path.
  base: './',
  plugins: [
    { enforce: 'pre', ...mdx({ remarkPlugins: [remarkMath], rehypePlugins: [rehypeKatex] }) },
    react({ include: /\.(mdx|tsx?)$/ }),
    catalogue(),
    rechartsTasks(),
    tfjsThreads(),
    contentPolicy(),
    offline(),
  ],
  // Dependencies are bundled apart while developing: the same repair there.
  optimizeDeps: {
    // All of them at the start: one that a worker or a later page asks for first would reload the page in the middle of a run.
    entries: ['index.html', 'demos/**/*.{ts,tsx}', 'src/**/*.ts', '!src/ops/kernels/assembly/**'],
    rolldownOptions: { plugins: [rechartsTasks()] },
  },
  server: { headers },
  preview: { headers },
  build: { target: 'es2022', rolldownOptions: { output } },
  worker: { format: 'es', plugins: () => [tfjsThreads()], rolldownOptions: { output } },
  test: {
    // tfjs's packages say `import` but are not ES modules to Node: Vite has to serve them.
    server: { deps: { inline: [/@tensorflow/] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/page/**'],
          // A busy machine of two cores needs its time to start wasm.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // Real Chromium, real training: one page at a time, when the others are done.
        test: {
          name: 'page',
          include: ['tests/page/**/*.test.ts'],
          globalSetup: 'tests/page/site.ts',
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
