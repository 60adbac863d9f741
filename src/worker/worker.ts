/** The training worker: `createServer` bound to this worker's own messages, files and address. */
import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { readData } from '../data/fetch.ts';
import { prepareBackend } from '../ops/backend.ts';
import { keeping } from './keep.ts';
import type { ToWorker } from './protocol.ts';
import { createServer } from './server.ts';

type Scope = {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};
const scope = self as unknown as Scope;

// tfjs asks for its files by these names.
const paths = { 'tfjs-backend-wasm.wasm': wasm, 'tfjs-backend-wasm-simd.wasm': simd, 'tfjs-backend-wasm-threaded-simd.wasm': threaded };

const serve = createServer({
  post: (message, transfer = []) => scope.postMessage(message, transfer),
  prepare: (wanted) => prepareBackend(wanted, { paths }),
  // Only the built site has a service worker.
  openData: (url) => (import.meta.env.PROD ? keeping(readData(url), url) : readData(url)),
  openOwn: async (id) => {
    // Dexie only comes where there are sets of one's own.
    const { openStore, toDataset } = await import('../data/own/store.ts');
    const store = openStore();
    try {
      return toDataset(await store.get(id));
    } finally {
      store.close();
    }
  },
});
scope.onmessage = ({ data }) => serve(data);
