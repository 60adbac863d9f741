import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { fetchTarball, toBinary } from '../../scripts/cifar10.mjs';
import { idx } from '../../scripts/data.mjs';
import { isIntact, untar, writeAside, writeVerified } from '../../scripts/files.mjs';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined) => new TextDecoder().decode(data);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unlabeled-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One member of a tar archive, by POSIX's layout of a ustar header. */
function member(name: string, content: Uint8Array, { type = '0', prefix = '' } = {}): Uint8Array {
  const block = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
  const put = (at: number, value: string) => block.set(bytes(value), at);
  put(0, name);
  put(100, '0000644\0');
  put(124, `${content.length.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, type);
  put(257, 'ustar\x0000');
  put(345, prefix);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  block.set(content, 512);
  return block;
}
const archive = (...members: Uint8Array[]) => new Uint8Array(Buffer.concat([...members, new Uint8Array(1024)]));

test('tar: plain files with their exact bytes, folders skipped, long names joined', () => {
  const long = new Uint8Array(1300).map((_, i) => i % 251);
  const empty = new Uint8Array(0);
  const files = untar(
    archive(
      member('package/', empty, { type: '5' }),
      member('package/a.txt', bytes('hello')),
      member('b.bin', long, { prefix: 'deep' }),
      member('none', empty),
    ),
  );
  expect([...files.keys()]).toEqual(['package/a.txt', 'deep/b.bin', 'none']);
  expect(text(files.get('package/a.txt'))).toBe('hello');
  expect(files.get('deep/b.bin')).toEqual(long);
  expect(files.get('none')).toHaveLength(0);
});

test('tar: a truncated archive and a damaged header are refused', () => {
  const whole = member('a.txt', new Uint8Array(2000));
  expect(() => untar(whole.subarray(0, 1500))).toThrow('ends at byte 1500, inside a.txt');
  const damaged = archive(whole);
  damaged[3]! ^= 1;
  expect(() => untar(damaged)).toThrow('header at byte 0 is damaged');
});

test('a file is written whole, with its line of the manifest', async () => {
  const path = join(folder, 'deep/er/file');
  const line = await writeVerified(path, bytes('hello'));
  expect(line).toEqual({ bytes: 5, sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' });
  expect(await isIntact(path, line)).toBe(true);
});

test('a half-written, changed or absent file is not taken for data', async () => {
  const path = join(folder, 'file');
  const line = await writeVerified(path, bytes('hello'));
  await writeFile(path, 'hel');
  expect(await isIntact(path, line)).toBe(false);
  await writeFile(path, 'hellO');
  expect(await isIntact(path, line)).toBe(false);
  await rm(path);
  expect(await isIntact(path, line)).toBe(false);
});

test('writing that breaks off leaves the earlier file and nothing else', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'before');
  async function* breaking() {
    yield bytes('hal');
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  }
  await expect(writeAside(path, breaking(), async () => {})).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await readFile(path, 'utf8')).toBe('before');
  expect(await readdir(folder)).toEqual(['file']);
});

/** A registry of one package on this machine: npm is told of it through the environment. */
const published = bytes('the tarball'.repeat(1000));
const pack = {
  name: 'some',
  version: '1.0.0',
  bytes: published.length,
  integrity: `sha512-${createHash('sha512').update(published).digest('base64')}`,
};
let registry: Server;
let answer: Uint8Array;
beforeAll(async () => {
  registry = createServer((request, response) => {
    response.writeHead(request.url?.endsWith('/some/-/some-1.0.0.tgz') ? 200 : 404, { 'Content-Type': 'application/octet-stream' });
    response.end(answer);
  });
  await new Promise<void>((done) => registry.listen(0, '127.0.0.1', done));
  const address = registry.address();
  if (address === null || typeof address === 'string') throw new Error('The test registry has no port.');
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${address.port}/mirror`);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  registry.close();
});

test('a tarball comes from the registry that npm is configured with', async () => {
  answer = published;
  await fetchTarball(join(folder, 'some.tgz'), pack);
  expect(new Uint8Array(await readFile(join(folder, 'some.tgz')))).toEqual(published);
});

test('a corrupted download is refused with one sentence, and nothing of it is left', async () => {
  answer = published.map((byte, i) => (i === 5000 ? byte ^ 1 : byte));
  await expect(fetchTarball(join(folder, 'some.tgz'), pack)).rejects.toThrow(
    /^the download of some-1\.0\.0\.tgz is corrupted .* and was thrown away$/,
  );
  expect(await readdir(folder)).toEqual([]);
});

test('a sheet of RGB rows becomes a label and three planes per image', () => {
  const data = new Uint8Array(2 * 1024 * 3).map((_, i) => (i * 7) % 256);
  const records = toBinary({ width: 1024, height: 2, channels: 3, data }, [6, 9], 2);
  expect(records).toHaveLength(2 * 3073);
  for (const [image, pixel, channel] of [
    [0, 0, 0],
    [0, 1023, 2],
    [1, 5, 1],
  ] as const) {
    expect(records[image * 3073 + 1 + channel * 1024 + pixel]).toBe(data[(image * 1024 + pixel) * 3 + channel]);
  }
  expect([records[0], records[3073]]).toEqual([6, 9]);
  expect(() => toBinary({ width: 32, height: 2, channels: 3, data }, [6, 9], 2)).toThrow('expected 1024×10000×3');
});

test('IDX: magic number, big-endian sizes, values', () => {
  expect([...idx([2, 1, 3], [1, 2, 3, 4, 5, 6])]).toEqual([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
});
