import type { Plugin } from 'vite';

/**
 * Repairs tfjs's threaded wasm in production builds. Its factory travels to the thread workers as `Function.toString()`, where the
 * module-level `_scriptDir` is not defined; the source asks `typeof _scriptDir` first, but minifiers rewrite that into a plain
 * reference, the workers die with a ReferenceError and `setBackend('wasm')` never resolves. tfjs passes `_scriptDir` nothing that
 * it needs (the .wasm files come through `setWasmPaths`), so the references go.
 */
export function tfjsThreads(): Plugin {
  return {
    name: 'unlabeled:tfjs-threads',
    enforce: 'pre',
    transform(source, id) {
      if (!id.includes('tfjs-backend-wasm-threaded-simd.js')) return null;
      const code = source
        .replaceAll('if(typeof _scriptDir !== "undefined" && _scriptDir){scriptDirectory=_scriptDir}', '')
        .replaceAll('||_scriptDir', '');
      if (/_scriptDir/.test(code.slice(code.indexOf('function(WasmBackendModuleThreadedSimd)')))) {
        this.error('tfjs-backend-wasm has changed: its threaded factory still refers to _scriptDir, and threads would hang.');
      }
      return { code, map: null };
    },
  };
}
