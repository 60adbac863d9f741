/** Behind `npm run verify`: trains the runs of a run file or a comparison file again, in Node on wasm, and says whether their curves agree. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { version } from '../package.json';
import { MissingData } from '../src/data/dataset.ts';
import { openRunFile } from '../src/train/run-file/index.ts';
import { openClient, type Port } from '../src/worker/client.ts';
import { createServer } from '../src/worker/server.ts';
import { verifyRun } from '../src/worker/verify.ts';
import { readLocal } from './read-data.ts';
import { useWasm } from './wasm.ts';

const usage = 'Usage: npm run verify -- <file> [--steps N] [--json]';

/** A training worker's core in this process, as its own port. */
function here(): Port {
  const port: Port = { onmessage: null, onmessageerror: null, onerror: null, terminate: () => {}, postMessage: () => {} };
  const serve = createServer({
    post: (data) => queueMicrotask(() => port.onmessage?.call(port as Worker, { data } as MessageEvent)),
    prepare: useWasm,
    openData: readLocal,
    openOwn: (id) =>
      Promise.reject(new MissingData(`The run was trained on data of its reader's own ("${id}"), which are not in the file`)),
  });
  port.postMessage = serve;
  return port;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { steps: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [file, ...rest] = positionals;
  if (!file || rest.length) throw new Error(`${file ? 'There is more than one file' : 'No file is named'}. ${usage}`);
  const steps = values.steps === undefined ? Number.POSITIVE_INFINITY : Number(values.steps);
  if (!(steps >= 1)) throw new Error(`--steps must be a number of steps, got ${values.steps}`);
  const bytes = await readFile(file).catch(() => {
    throw new Error(`There is no file ${file} that can be read`);
  });
  for (const kept of openRunFile(new Uint8Array(bytes)).runs) {
    const { id, name, spec } = kept.record;
    if (!values.json) console.log(`${name ?? id}: ${spec.method} on ${spec.data}, seed ${spec.seed}`);
    const client = openClient(here);
    let shown = 0;
    const onProgress = ({ step, steps: all }: { step: number; steps: number }) => {
      if (values.json || (step < all && Math.floor((10 * step) / all) === shown)) return;
      shown = Math.floor((10 * step) / all);
      console.log(`  step ${step} of ${all}`);
    };
    const verdict = await verifyRun(client, kept, { dataUrl: 'public/data', lab: version, backend: 'wasm', steps, onProgress });
    client.close();
    console.log(values.json ? JSON.stringify({ id, ...verdict }) : verdict.words);
    if (verdict.outcome === 'different' || verdict.outcome === 'open') process.exitCode = 1;
  }
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
// The worker's core still listens for messages, which would keep the process.
process.exit();
