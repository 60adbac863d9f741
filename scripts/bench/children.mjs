/** Processes that each do one thing when told, so that what is compared can take turns on one machine. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Failure, root, run } from '../setup.mjs';

/**
 * Starts a process that answers lines of JSON: `ask(request)` resolves to its value; rejects with a `Failure` if it says an error or
 * ends. Resolves when it is ready.
 */
export async function start(name, command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting = [];
  let trouble = '';
  let ended = null;
  child.stderr.on('data', (text) => {
    trouble = (trouble + text).slice(-2000);
    // Progress of long jobs is indented; all else is a library's chatter.
    for (const line of String(text).split('\n')) if (line.startsWith('  ')) process.stderr.write(`${line}\n`);
  });
  // A child that is in the middle of a long job does not notice that we are gone.
  process.once('exit', () => child.kill());
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { value, error } = JSON.parse(line);
    const { resolve, reject } = waiting.shift();
    if (error === undefined) resolve(value);
    else reject(new Failure(`${name}: ${error}`));
  });
  const end = (why) => {
    ended = new Failure(`${name} ended: ${/^\w*Error: .*$/m.exec(trouble)?.[0] ?? why}`);
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  child.on('error', ({ message }) => end(message));
  child.on('close', (code, signal) => end(signal ? `signal ${signal}` : `code ${code}`));
  const answer = () => new Promise((resolve, reject) => (ended ? reject(ended) : waiting.push({ resolve, reject })));
  await answer();
  return {
    ask: (request) => {
      const promise = answer();
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return promise;
    },
    end: () => child.kill(),
  };
}

/** A Python on the path that has PyTorch: the first that imports it. Fails with the reason. */
async function pythonWithTorch() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = [...new Set(folders.map((folder) => join(folder, 'python3')))].filter((path) => existsSync(path));
  for (const python of found) if ((await run(python, ['-c', 'import torch'])).code === 0) return python;
  throw new Failure(
    found.length ? 'no python3 on the path imports torch (on Debian: apt-get install python3-torch)' : 'python3 is not there',
  );
}

export const startTorch = async () => start('PyTorch', await pythonWithTorch(), [join(root, 'scripts/bench/torch_step.py')]);

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Lets tasks take turns: each `{ trials, run }` runs that many times, spread evenly over the rounds. Resolves to the results by task;
 * a task that fails is left out from there on, and its error stands in the place of its results.
 * @param {Record<string, { trials: number, run: () => Promise<unknown> }>} tasks
 */
export async function takeTurns(tasks, say = () => {}) {
  const rounds = Math.max(...Object.values(tasks).map(({ trials }) => trials));
  const results = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { trials, run: once }] of Object.entries(tasks)) {
      const due = Math.floor(((round + 1) * trials) / rounds) > Math.floor((round * trials) / rounds);
      if (!due || results[name] instanceof Error) continue;
      say(`${name} (${results[name].length + 1} of ${trials})`);
      try {
        results[name].push(await once());
      } catch (error) {
        results[name] = error;
      }
    }
  }
  return results;
}
