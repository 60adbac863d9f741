import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseArgs } from '../../scripts/data.mjs';
import { isInstalled, knownTrouble, nodeProblem, progress, root } from '../../scripts/setup.mjs';
import { countTests } from '../../scripts/test.mjs';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unlabeled-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['v14.21.3', 'v18.20.4', 'v20.18.3'])('Node %s is refused in one sentence that names both versions', (version) => {
  expect(nodeProblem(version)).toMatch(new RegExp(`^This is Node ${version}, and Unlabeled needs Node 20\\.19 or newer: .*\\.$`));
});

test.each(['v20.19.0', 'v20.20.2', 'v21.0.0', 'v22.1.0', 'v26.0.0'])('Node %s is fit', (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});

test.each([
  ['ENOSPC: no space left on device, write', /disk is full/],
  ['npm error code ENOTFOUND', /network cannot be reached \(ENOTFOUND\)/],
  ['connect ECONNREFUSED 127.0.0.1:9', /network cannot be reached \(ECONNREFUSED\)/],
  ['npm error code EINTEGRITY', /corrupted/],
  ['EACCES: permission denied', /may not be written/],
])('a known trouble has a sentence: %s', (text, sentence) => {
  expect(knownTrouble(text)).toMatch(sentence);
});

test('an unknown trouble is not explained away', () => {
  expect(knownTrouble('TypeError: x is not a function')).toBeUndefined();
});

test('--cifar10 takes all, none or a number', () => {
  expect(parseArgs([])).toBeUndefined();
  expect(parseArgs(['--cifar10', 'all'])).toBe(50_000);
  expect(parseArgs(['--cifar10', 'none'])).toBe(0);
  expect(parseArgs(['--cifar10=2500'])).toBe(2500);
});

test.each([
  [['--cifar10', 'many'], /“many”.*whole number from 1 to 50000/],
  [['--cifar10', '0'], /“0”/],
  [['--cifar10', '50001'], /“50001”/],
  [['--cifar10', '10.5'], /“10\.5”/],
  [['--cifar10'], /empty/],
  [['--cifar100', 'all'], /not understood/],
  [['--cifar10', 'all', 'more'], /not understood/],
])('%j is refused', (args, sentence) => {
  expect(() => parseArgs(args)).toThrow(sentence);
});

async function tree(name: string, wanted: object, installed: object | undefined): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, 'node_modules'), { recursive: true });
  await writeFile(join(path, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }));
  if (installed) await writeFile(join(path, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
  return path;
}

test('packages count as installed when each is there at its version, except those for other systems', async () => {
  const wanted = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/mac-only': { version: '2.0.0', optional: true } };
  expect(isInstalled(await tree('same', wanted, { 'node_modules/a': { version: '1.0.0' } }))).toBe(true);
  expect(isInstalled(await tree('older', wanted, { 'node_modules/a': { version: '0.9.0' } }))).toBe(false);
  expect(isInstalled(await tree('absent', wanted, {}))).toBe(false);
  expect(isInstalled(await tree('interrupted', wanted, undefined))).toBe(false);
});

test('a log gets a few plain lines of progress, a terminal one line that is redrawn', () => {
  const written = { log: '', terminal: '' };
  const log = progress('Downloading', 1000, String, { write: (text: string) => (written.log += text) });
  const terminal = progress('Downloading', 1000, String, { isTTY: true, write: (text: string) => (written.terminal += text) });
  for (let done = 0; done <= 1000; done += 10) {
    log.update(done);
    terminal.update(done);
  }
  expect(written.log.split('\n')).toHaveLength(6);
  expect(written.log).not.toContain('\r');
  expect(written.terminal).toMatch(/█{24} Downloading 100 % \(1000 of 1000\)$/);
  expect(written.terminal).not.toContain('\n');
});

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((one) => ({ status: one })) });

test('counts: tests, files that could not be loaded, and a crash outside of every test', () => {
  const green = { numPassedTests: 2, numFailedTests: 0, testResults: [file('passed', 'passed', 'passed')] };
  expect(countTests(green, 0)).toEqual({ passed: 2, failed: 0 });
  expect(countTests(green, 1)).toEqual({ passed: 2, failed: 1 });
  const broken = { numPassedTests: 1, numFailedTests: 1, testResults: [file('failed', 'passed', 'failed'), file('failed')] };
  expect(countTests(broken, 1)).toEqual({ passed: 1, failed: 2 });
});

test('the lock file names the packages of every platform, not only those of the machine that wrote it', async () => {
  const text = await readFile(join(root, 'package-lock.json'), 'utf8');
  const packages: Record<string, { optionalDependencies?: object }> = JSON.parse(text).packages;
  const names = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  const absent = names.filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
  expect(absent, 'npm ci refuses a pruned lock file').toEqual([]);
});
