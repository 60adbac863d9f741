import type { Plugin } from 'vite';

/**
 * Recharts redraws inside an animation frame, so that its work, layout, paint and hand-over to the screen make one task, often of more than
 * 50 ms on a small machine that trains. In the built site it redraws in a task of its own before the frame.
 */
export function rechartsTasks(): Plugin {
  return {
    name: 'unlabeled:recharts-tasks',
    enforce: 'pre',
    transform(source, id) {
      if (!/recharts\/es6\/state\/store\.js/.test(id)) return null;
      // Redux Toolkit adds a batching enhancer of its own to the one that Recharts asks for.
      const code = source
        .replace('getDefaultEnhancers();', 'getDefaultEnhancers({ autoBatch: false });')
        .replace(/autoBatchEnhancer\(\{\s*type: 'raf'\s*\}\)/, "autoBatchEnhancer({ type: 'timer', timeout: 0 })");
      if (!/autoBatch: false/.test(code) || !/type: 'timer'/.test(code))
        this.error('Recharts has changed how its store batches: see this plugin.');
      return { code, map: null };
    },
  };
}
