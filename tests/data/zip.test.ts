import * as fc from 'fast-check';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { openZip, unzip, type ZipLimits } from '../../src/data/zip.ts';

const roomy: ZipLimits = { entries: 1000, total: 2 ** 24, each: 2 ** 23 };
const source = (bytes: Uint8Array) => ({
  size: bytes.length,
  read: (from: number, to: number) => Promise.resolve(bytes.subarray(from, to)),
});
const lazily = async (bytes: Uint8Array, limits = roomy) => {
  const entries = await openZip(source(bytes), limits, 'set.zip');
  return new Map(await Promise.all(entries.map(async ({ path, read }) => [path, await read()] as const)));
};
const text = (map: Map<string, Uint8Array>) => Object.fromEntries([...map].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]));

const two = (): Uint8Array => zipSync({ 'a/one.txt': strToU8('one '.repeat(100)), 'b/two.txt': [strToU8('two'), { level: 0 }] });
/** Places of the directory's records and of the end of it, in an archive without zip64. */
const places = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = bytes.length - 22;
  const records: number[] = [];
  for (let at = view.getUint32(end + 16, true); at < end; at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true))
    records.push(at);
  return { view, end, records };
};
/** An archive with some of its bytes changed. */
const changed = (change: (p: ReturnType<typeof places>, bytes: Uint8Array) => void, bytes = two()): Uint8Array => {
  change(places(bytes), bytes);
  return bytes;
};
const bothRefuse = async (bytes: Uint8Array, sentence: RegExp, limits = roomy) => {
  expect(() => unzip(bytes, limits, 'set.zip')).toThrow(sentence);
  await expect(lazily(bytes, limits)).rejects.toThrow(sentence);
};

describe('what it reads', () => {
  it('stored and deflated files, of any bytes and names, in memory and in pieces', async () => {
    const files = fc.dictionary(fc.stringMatching(/^[a-zé 漢0-9]{1,8}(\/[a-z]{1,5})?$/), fc.uint8Array({ maxLength: 2000 }), {
      maxKeys: 8,
    });
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom(0 as const, 6 as const), async (wanted, level) => {
        const zip = zipSync(Object.fromEntries(Object.entries(wanted)) as Zippable, { level });
        const found = unzip(zip, roomy);
        expect(Object.fromEntries(found)).toEqual({ ...wanted });
        expect(Object.fromEntries(await lazily(zip))).toEqual({ ...wanted });
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('no folders, and a comment at the end', () => {
    const zip = zipSync({ 'folder/': new Uint8Array(), 'folder/x': strToU8('x') }, { comment: 'made here' });
    expect(text(unzip(zip, roomy))).toEqual({ 'folder/x': 'x' });
  });

  it('zip64: sizes, places and counts of 64 bits', async () => {
    const plain = two();
    const { view, end, records } = places(plain);
    const from = view.getUint32(end + 16, true);
    const [first, second] = [plain.slice(records[0], records[1]), plain.slice(records[1], end)];
    // The second file's two sizes and its place move to a zip64 field.
    const field = new Uint8Array(4 + 24);
    const wide = new DataView(field.buffer);
    const old = new DataView(second.buffer);
    wide.setUint16(0, 1, true);
    wide.setUint16(2, 24, true);
    [24, 20, 42].forEach((offset, i) => {
      wide.setUint32(4 + 8 * i, old.getUint32(offset, true), true);
      old.setUint32(offset, 0xffffffff, true);
    });
    old.setUint16(30, 28, true);
    const length = first.length + second.length + field.length;
    const record = new DataView(new ArrayBuffer(56 + 20 + 22));
    record.setUint32(0, 0x06064b50, true);
    record.setUint32(32, 2, true);
    record.setUint32(40, length, true);
    record.setUint32(48, from, true);
    record.setUint32(56, 0x07064b50, true);
    record.setUint32(76, 0x06054b50, true);
    record.setUint16(76 + 10, 0xffff, true);
    record.setUint32(76 + 12, 0xffffffff, true);
    record.setUint32(76 + 16, 0xffffffff, true);
    const zip = Uint8Array.from([...plain.subarray(0, from), ...first, ...second, ...field, ...new Uint8Array(record.buffer)]);
    expect(text(unzip(zip, roomy))).toEqual(text(unzip(plain, roomy)));
    expect(text(await lazily(zip))['b/two.txt']).toBe('two');
    record.setUint32(56, 0, true);
    zip.set(new Uint8Array(record.buffer), zip.length - 98);
    await bothRefuse(zip, /says it is zip64 but has no zip64 record/);
  });
});

describe('what it refuses', () => {
  it.each([
    ['../up.txt', /"\.\.\/up\.txt", a path that leaves its folder/],
    ['a/../../up.txt', /leaves its folder/],
    ['/etc/passwd', /does not begin within the archive/],
    ['C:/windows', /does not begin within the archive/],
    ['a\\b.txt', /with a backslash/],
    ['a\u0000b.txt', /with a control character/],
    ['a//b.txt', /with an empty part/],
  ])('the path %j', (path, sentence) => bothRefuse(zipSync({ [path]: strToU8('x') }), sentence));

  it('encrypted files, other compressions', async () => {
    await bothRefuse(
      changed(({ view, records }) => view.setUint16(records[0]! + 8, 1, true)),
      /set\.zip holds "a\/one\.txt" encrypted; expected files without a password/,
    );
    await bothRefuse(
      changed(({ view, records }) => view.setUint16(records[0]! + 10, 99, true)),
      /encrypted/,
    );
    await bothRefuse(
      changed(({ view, records }) => view.setUint16(records[0]! + 10, 93, true)),
      /compressed by method 93; expected stored or deflated/,
    );
  });

  it('names that come twice, files that overlap, more than the limits', async () => {
    await bothRefuse(
      changed((_, bytes) => bytes.set(strToU8('a/one.txt'), places(bytes).records[1]! + 46)),
      /two files named "a\/one\.txt"/,
    );
    await bothRefuse(
      changed(({ view, records }) => view.setUint32(records[1]! + 42, view.getUint32(records[0]! + 42, true), true)),
      /reach into what follows it/,
    );
    await bothRefuse(two(), /lists 2 files; expected at most 1/, { ...roomy, entries: 1 });
    await bothRefuse(two(), /"a\/one\.txt" of 400 bytes; expected at most 399 a file/, { ...roomy, each: 399 });
    await bothRefuse(two(), /unpacks to more than 402 bytes/, { ...roomy, total: 402 });
  });

  it('a bomb that hides its size, at the moment it passes what it declared', async () => {
    const bomb = zipSync({ bomb: new Uint8Array(2 ** 24) });
    await bothRefuse(bomb, /of 16777216 bytes; expected at most 8388608 a file/);
    const liar = changed(({ view, records }) => view.setUint32(records[0]! + 24, 1000, true), bomb);
    await bothRefuse(liar, /unpacks to more than its declared 1000 bytes/);
    const impossible = changed(({ view, records }) => view.setUint32(records[0]! + 24, 2 ** 22, true));
    await bothRefuse(impossible, /unpacks from \d+ to 4194304 bytes; expected at most 1032 times as many/);
  });

  it('what is cut, empty, or no archive', async () => {
    const zip = two();
    await bothRefuse(new Uint8Array(), /no directory at the end of its 0 bytes/);
    await bothRefuse(strToU8('hello'), /expected a whole zip archive/);
    await bothRefuse(zip.subarray(0, zip.length - 1), /no directory at the end/);
    await bothRefuse(zip.subarray(1), /says that its directory/);
  });

  it('1,000 mutations: the very files, or one precise sentence', async () => {
    const whole = two();
    const wanted = text(unzip(whole, roomy));
    const mutation = fc.tuple(fc.constantFrom('flip', 'cut', 'insert'), fc.nat(), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(mutation, async ([how, place, byte]) => {
        const at = place % whole.length;
        const zip =
          how === 'cut'
            ? whole.slice(0, at)
            : how === 'flip'
              ? whole.map((b, i) => (i === at ? b ^ byte : b))
              : Uint8Array.from([...whole.subarray(0, at), byte, ...whole.subarray(at)]);
        try {
          // A changed name is a different name, not a wrong one.
          expect(Object.values(text(unzip(zip, roomy, 'set.zip'))).sort()).toEqual(Object.values(wanted).sort());
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
          expect((error as Error).message).toMatch(/^set\.zip .*(; expected .*\. [A-Z])/s);
          await expect(lazily(zip)).rejects.toThrow((error as Error).message);
        }
      }),
      { numRuns: 1000, seed: 2 },
    );
  });
});
