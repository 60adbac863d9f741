/**
 * Set-up: the Node version, the packages, and how a script tells what it does and why it stopped.
 * It runs before anything is installed and on Nodes that are too old, so: built-ins only, and nothing that Node 14 cannot parse or link.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const cacheFolder = join(root, 'node_modules/.cache/unlabeled');

/** A reason to stop that the user can act on: one sentence, printed without a stack trace. */
export class Failure extends Error {}

/** Stops the script with one sentence: what went wrong, with which value, what to do. */
export function fail(sentence) {
  throw new Failure(sentence);
}

/** Unfit Node version → the sentence that says so; fit → undefined. */
export function nodeProblem(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `This is Node ${version}, and Unlabeled needs Node 20.19 or newer: install it from nodejs.org and run the command again.`;
}

/** Trouble that has a known cause → the cause in words; anything else → undefined. `text` is an error's code or a program's output. */
export function knownTrouble(text) {
  if (/ENOSPC|no space left/i.test(text)) return 'the disk is full (about 1 GB is needed)';
  const network =
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED|UND_ERR\w*|Could not resolve/.exec(text);
  if (network) return `the network cannot be reached (${network[0]})`;
  if (/EINTEGRITY/.test(text)) return 'a download was corrupted (EINTEGRITY)';
  if (/EACCES|EPERM|EROFS/.test(text)) return 'a file may not be written (see who owns this folder)';
  return undefined;
}

/** Runs a script's main function; a known trouble ends it with one sentence and exit code 1, a bug keeps its stack trace. */
export async function main(run) {
  try {
    await run();
  } catch (error) {
    const known = error.code && knownTrouble(error.code);
    const sentence = error instanceof Failure ? error.message : known && `Stopped: ${known}; see to that and run the command again.`;
    console.error(sentence ? `\n${sentence}` : error);
    process.exitCode = 1;
  }
}

/** Was this module started by hand (`node scripts/x.mjs`), rather than imported? */
export const isMain = (url) => Boolean(process.argv[1]) && url === pathToFileURL(process.argv[1]).href;

/**
 * A progress bar: `update(done)` of `total`, then `end()`. Redraws one line in a terminal; in a log, one plain line at each quarter.
 * `show` words the amounts, such as bytes as MB.
 * @param {string} label
 * @param {number} total
 * @param {(amount: number) => string} [show]
 * @param {{ isTTY?: boolean, write: (text: string) => unknown }} [out]
 */
export function progress(label, total, show = String, out = process.stdout) {
  let quarter = -1;
  let drawn = 0;
  const update = (done) => {
    const part = total > 0 ? Math.min(1, done / total) : 0;
    const words = `${label} ${String(Math.floor(part * 100)).padStart(3)} % (${show(done)} of ${show(total)})`;
    if (!out.isTTY) {
      if (Math.floor(part * 4) > quarter) out.write(`${words}\n`);
      quarter = Math.floor(part * 4);
      return;
    }
    if (part < 1 && Date.now() - drawn < 50) return;
    drawn = Date.now();
    const filled = Math.round(part * 24);
    out.write(`\r\x1b[K${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${words}`);
  };
  return { update, end: () => out.isTTY && out.write('\n') };
}

/**
 * Runs a program and collects what it prints; resolves to { code, output }. `echo` also shows it.
 * A program that is not there resolves with code 127.
 */
export function run(command, args, options = {}) {
  const { echo = false, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: echo === 'inherit' ? 'inherit' : ['ignore', 'pipe', 'pipe'], ...rest });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      stream.on('data', (bytes) => {
        output += bytes;
        if (echo) process.stdout.write(bytes);
      });
    }
    child.on('error', (error) => (error.code === 'ENOENT' ? resolve({ code: 127, output: error.message }) : reject(error)));
    child.on('close', (code) => resolve({ code: code === null ? 1 : code, output }));
  });
}

/** Runs npm: the one that started us, else the one on the path. */
export async function npm(args, options = {}) {
  const starter = process.env.npm_execpath;
  const result =
    starter && /npm-cli\.c?js$/.test(starter) && existsSync(starter)
      ? await run(process.execPath, [starter, ...args], options)
      : await run('npm', args, { shell: process.platform === 'win32', ...options });
  if (result.code === 127) fail('npm was not found: install Node from nodejs.org, which brings npm, and run the command again.');
  return result;
}

/**
 * Are the packages that `package-lock.json` names installed, each at its version? npm writes what it installed into
 * `node_modules/.package-lock.json`, as its last act, so an interrupted installation counts as none.
 */
export function isInstalled(folder = root) {
  const packagesOf = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined);
  const installed = packagesOf(join(folder, 'node_modules/.package-lock.json'));
  if (!installed) return false;
  const wanted = Object.entries(packagesOf(join(folder, 'package-lock.json')));
  return wanted.every(([path, entry]) => {
    if (path === '') return true;
    const there = installed[path];
    return there ? there.version === entry.version : Boolean(entry.optional || entry.devOptional);
  });
}

/** Checks Node and installs the packages, if they are not there. */
export async function setup() {
  const problem = nodeProblem(process.version);
  if (problem) fail(problem);
  if (isInstalled()) return;
  console.log('Installing packages (once, about a minute) …');
  const flags = [
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=8000',
  ];
  const { code, output } = await npm(['ci', ...flags]);
  if (code === 0) return;
  const line = output.split('\n').find((text) => /^npm (error|ERR!) (?!code)/.test(text));
  fail(
    `The packages could not be installed: ${knownTrouble(output) || line || output.trim().slice(-300) || `npm ended with code ${code}`}; see to that and run the command again.`,
  );
}

if (isMain(import.meta.url)) await main(setup);
